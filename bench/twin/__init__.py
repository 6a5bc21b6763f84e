"""The same pages as an ordinary Django app writes them: no sealing, no gate, one access row per page."""
