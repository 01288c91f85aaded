"""The year's end, and the file for the tax authority."""
