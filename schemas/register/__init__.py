"""A register as a file: what its columns say of each member."""
