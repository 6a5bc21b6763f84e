"""Moving out: a client's record in a file that people and programs can read, without us."""
