"""Who may do what, and who did it: roles, and the stamps that say who sent a message."""
