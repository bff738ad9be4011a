"""The Hearing-Aid Audio Quality Index: how good music sounds through a given hearing loss."""
