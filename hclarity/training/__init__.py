"""From songs and a recipe to weights."""
