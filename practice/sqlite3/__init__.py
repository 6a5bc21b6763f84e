"""The database that comes with Python, as a practice needs it."""
