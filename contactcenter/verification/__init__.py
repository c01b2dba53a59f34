"""How sure we are of the caller, and the one door to customer data and words of contacts (P05, P06)."""
