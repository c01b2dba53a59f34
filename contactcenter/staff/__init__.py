"""Accounts, teams, roles and sessions of the people who work here."""
