"""What every slice stands on: database, clock, errors, audit, inbox, jobs, live events, pages. Imports no slice."""
