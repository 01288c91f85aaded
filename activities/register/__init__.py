"""Carrying a whole register in, and writing it out again."""
