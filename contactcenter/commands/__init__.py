"""Groups of commands: parse, then one call."""
