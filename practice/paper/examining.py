"""Whether this machine can make PDF files, for the doctor."""

from datetime import datetime

from practice.findings import Finding, missing, ok
from practice.paper.printing import NoPaper, print_page

# What the press needs of a Debian or Ubuntu; scripts/bootstrap.sh has the same list.
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
SAMPLE = '<!doctype html><html lang="en"><head><title>A page</title></head><body><p>A page.</p></body></html>'


def examine_paper(_: datetime) -> Finding:
    """Have one page printed, which nobody keeps."""
    try:
        print_page(SAMPLE)
    except NoPaper:
        do = f"As root, run `apt-get install --no-install-recommends {PACKAGES}`."
        return missing("paper", "No PDF files can be made: records leave as text and FHIR, and nothing prints.", do)
    return ok("paper", "PDF files can be made.")
