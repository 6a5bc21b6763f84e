"""Bounds of the practice's settings, for its row and for the form."""

# The fewest and the most years that a practice may keep records.
KEEP_YEARS = (1, 50)
