"""Keys that are replaced a little with every page of those who hold them, and the page that says how far it is."""
