"""Applications and decisions of memberships, kept once."""
