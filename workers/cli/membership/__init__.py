"""Commands about one membership, or what waits for somebody."""
