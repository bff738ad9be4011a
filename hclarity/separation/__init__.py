"""From a mixture in blocks to its stems in blocks."""
