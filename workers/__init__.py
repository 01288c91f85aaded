"""Composition: settings, clients, a process per kind of work, the stack, the command line."""
