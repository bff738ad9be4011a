"""Long work that may be stopped and gone on with; knows nothing of audio."""
