"""`python -m practice.paper` prints one page and keeps none, to see whether this machine can."""

import sys

from practice.paper.examining import SAMPLE
from practice.paper.printing import NoPaper, print_page

try:
    print_page(SAMPLE)
except NoPaper as error:
    sys.exit(str(error))
