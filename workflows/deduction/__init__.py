"""Deduction lists: an employer's report on one, and its settlement."""
