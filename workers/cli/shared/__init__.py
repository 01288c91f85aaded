"""What commands share, and those that belong to no room."""
