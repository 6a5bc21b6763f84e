"""The real settings, in an environment that belongs to the suite.

Nothing is weakened here: the same middleware, policy and key parameters as in a practice. Only secrets and places
differ, so that no test reads or writes what is in a developer's ``.env`` or ``var/``.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

SCRATCH = Path(tempfile.mkdtemp(prefix="subrosa-suite-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

os.environ.update(
    SECRET_KEY="only-the-suite-signs-with-this-and-nothing-it-signs-outlives-the-run",
    PEPPER="dGhlLXBlcHBlci1vZi10aGUtc3VpdGUtMzItYnl0ZXM=",
    SERVICE_KEY="dGhlLXNlcnZpY2Uta2V5LW9mLXRoZS1zdWl0ZS0zMmI=",
    KEY_DIR=str(SCRATCH / "keys"),
    VAR_DIR=str(SCRATCH),
    DEMO="0",
)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{SCRATCH}/subrosa.sqlite3")

from practice.settings import *  # noqa: E402, F403 -- only now the environment is the suite's
from practice.settings import DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in a practice: the in-memory default has no write-ahead log and shares one connection among threads.
    DATABASES["default"]["TEST"] = {"NAME": str(SCRATCH / "test.sqlite3")}

# The real derivation behind a memory; tests/access/test_unmemoised.py takes it away again.
KEYS_DERIVE = "tests.derive.memoised"
# Every browser of a test has a server of its own, which would read all static files anew. These wait to be asked for.
WHITENOISE_AUTOREFRESH = True
