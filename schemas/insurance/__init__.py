"""What the insurance office is told each month, and what becomes of its answer."""
