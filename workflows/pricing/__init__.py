"""New prices made known to every membership."""
