"""Decides and waits: one workflow per file, deterministic, without any I/O library."""
