"""Model cards and weights: find, fetch, verify, load."""
