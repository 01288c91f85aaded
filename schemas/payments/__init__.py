"""Money that arrives: files of the bank, and the KID that says whose it is."""
