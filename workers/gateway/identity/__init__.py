"""A login provider for one machine: `dev` and tests have users of their own."""
