"""The daily run of AvtaleGiro."""
