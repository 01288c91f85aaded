"""What several rooms of activities share."""
