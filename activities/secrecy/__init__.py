"""Secrecy: what stands in Temporal's histories is cipher text, and each membership has its key."""
