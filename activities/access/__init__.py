"""Who looked at what and did what, kept for those who may ask; logins that are over."""
