"""What several rooms of activities share: caseworkers' tasks, and files from outside."""
