"""`medlemsflyt reprice`, and what it shows."""
