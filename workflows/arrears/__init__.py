"""The daily arrears run."""
