"""Does the record still add up? Checks that a person can run at any time."""
