"""The rulebook, and what a new one would come to."""
