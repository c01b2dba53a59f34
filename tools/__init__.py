"""Helpers of development and tests; no part of the installed program."""
