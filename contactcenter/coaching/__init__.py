"""Coaching: how callers were verified, looked at afterwards by supervisors and the privacy officer (P05, P06)."""
