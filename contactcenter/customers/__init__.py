"""Customers, the persons under them, their known numbers and the sixteen kinds of data (P07)."""
