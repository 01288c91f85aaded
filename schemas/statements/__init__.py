"""The year's end: what was paid, and what of it is deductible."""
