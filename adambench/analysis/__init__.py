"""Statistics of trials: pure functions from Trials, or from rows of the report, to plain data."""
