"""Events out: what other systems are told of members, in order and at least once."""
