"""What the desk of the caseworkers is asked, and what it shows."""
