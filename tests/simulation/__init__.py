"""A union that lives in one process: the decisions with a clock of its own, on the real database.

What is expected of it is worked out by ``model``, which uses nothing of what it is held against.
"""
