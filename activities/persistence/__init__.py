"""What PostgreSQL keeps of a membership, on the queue ``membership-persistence``."""
