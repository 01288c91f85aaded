"""People: who somebody is, and whether two of them are the same person."""
