"""Backups that are verified, and restores after which nothing is back that was destroyed since."""
