"""Audiograms as people have them, read by what is in a file and not by its name."""
