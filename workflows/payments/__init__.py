"""The import of the bank's files."""
