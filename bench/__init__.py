"""Speed and memory beside a plain Django app with the same pages: ``python -m bench``."""
