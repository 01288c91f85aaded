"""Reads what is held on somebody."""
