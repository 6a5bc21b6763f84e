"""Paper: from a page of HTML to a tagged PDF, in a process of its own."""
