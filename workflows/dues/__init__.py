"""The monthly dues run."""
