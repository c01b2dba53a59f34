"""Numbered changes of the database, inside the package; run by `contactcenter migrate`."""
