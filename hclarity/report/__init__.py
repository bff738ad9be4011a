"""Values in, words on a terminal out. Everything here goes to stderr."""
