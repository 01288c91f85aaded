"""What a member pays, through whom and from when: terms, and the runs that charge them."""
