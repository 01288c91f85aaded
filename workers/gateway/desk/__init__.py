"""The desk: the pages of the caseworkers."""
