"""What is held on somebody, where it stands, and how it is handed out."""
