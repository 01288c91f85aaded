"""What the desk reads of all rooms, and who has which case in hand."""
