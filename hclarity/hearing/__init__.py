"""What an ear hears, what it is prescribed, and the filter that gives it."""
