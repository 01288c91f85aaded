"""Mailings: letters for many members at once."""
