"""New prices: written down, tried out on everybody, and made known."""
