"""One contact moment of any channel: its links to customer and person, and who handled it (P03)."""
