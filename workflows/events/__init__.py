"""Events out: what posts them to other systems."""
