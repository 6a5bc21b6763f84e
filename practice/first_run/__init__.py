"""The set-up of a new practice in a browser: its pages, what they keep, and its end."""
