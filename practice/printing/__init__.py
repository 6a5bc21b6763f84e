"""Printing: pages of their own, as PDF, because a browser prints its own address at the foot of what it prints."""
