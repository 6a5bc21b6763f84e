"""What the operating system keeps from others, in a process of its own: the suite's would not get it back."""

import subprocess
import sys
from pathlib import Path

PROBE = """
import ctypes, os, resource
from practice.hardening import harden_process
harden_process()
mask = os.umask(0)
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), oct(mask))
"""


def test_no_core_dump_no_reading_of_memory_and_no_file_for_others():
    project = Path(__file__).resolve().parents[2]
    said = subprocess.run([sys.executable, "-c", PROBE], cwd=project, capture_output=True, text=True, check=True).stdout
    # PR_GET_DUMPABLE, prctl(2): 0 means that neither a dump nor another process of the same user gets the memory.
    assert said.strip() == "(0, 0) 0 0o77"
