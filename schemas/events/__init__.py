"""Events: what other systems are told of members."""
