"""The audit: what must agree is compared, what is safe is mended, the rest is held."""
