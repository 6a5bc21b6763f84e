"""Bounds of the practice's settings, for its row and for the form."""

# The fewest and the most years that a practice may keep records.
KEEP_YEARS = (1, 50)
# The fewest and the most days that what a client signed elsewhere carries notes here.
ELSEWHERE_DAYS = (1, 365)
