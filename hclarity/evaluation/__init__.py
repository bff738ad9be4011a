"""Models, songs and listeners in; scores out."""
