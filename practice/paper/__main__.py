"""`python -m practice.paper` prints one page and keeps none, to see whether this machine can."""

from practice.paper.printing import print_page

print_page('<!doctype html><html lang="en"><head><title>A page</title></head><body><p>A page.</p></body></html>')
