"""What an operator sees of a process: whether it is alive and ready, and what it measures."""
