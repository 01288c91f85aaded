"""Typed stubs of every activity: what workflows may call, without the libraries behind it."""
