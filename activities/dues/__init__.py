"""Charging all members for a month, set by set."""
