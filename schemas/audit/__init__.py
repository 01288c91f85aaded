"""What is compared every night, and what is found."""
