"""Composition: settings, clients, a process per kind of work, the stack, the command line."""

VERSION = "0.4.0"
"""Of the whole distribution, and nowhere else: the head of CHANGELOG.md says the same."""
