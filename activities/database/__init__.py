"""The connection to PostgreSQL, and its schema."""
