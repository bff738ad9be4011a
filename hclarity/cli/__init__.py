"""The only door: words in, values through the package, words out."""
