"""Year end: what each member paid, and how much of it is deductible."""
