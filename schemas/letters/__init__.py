"""Letters for many members at once, and the addresses that letters go to."""
