"""Erasing whoever asks for it, or has been kept long enough."""
