"""Files in a client's record: sealed as they come in, told by what is in them, and never run in a page of ours."""
