"""The insurance office: its monthly file, its answer, and the premiums it is owed."""
