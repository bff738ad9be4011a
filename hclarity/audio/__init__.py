"""Audio as values, its files, its rate, its loudness and its ceiling."""
