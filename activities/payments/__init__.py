"""Files of the bank: read, booked, allocated; and what is in suspense."""
