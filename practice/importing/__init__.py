"""Moving in: what a practice kept elsewhere becomes its own here, or nothing of it does."""
