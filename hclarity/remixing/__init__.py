"""From a song and its stems to one that a listener hears better."""
