"""Files of the bank: read, checked, booked and allocated; and the caseworkers' hand in it."""
