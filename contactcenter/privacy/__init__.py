"""The privacy desk: the promises of the statement, each counted at any moment from facts of another source."""
