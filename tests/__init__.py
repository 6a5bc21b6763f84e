"""The suite: `make test`, or `python -m tests` with pytest's own arguments."""
