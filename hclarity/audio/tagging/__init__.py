"""Tags of each kind of audio file, read and written."""
