"""The carrier as a port: a few verbs, the signature check, and the TwiML of steps."""
