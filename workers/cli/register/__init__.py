"""`medlemsflyt import` and `export`, and what they show."""
