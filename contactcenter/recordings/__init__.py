"""Recordings: expected, fetched, kept in the vault, transcribed, listened to, destroyed on time (P01, P02, P17)."""
