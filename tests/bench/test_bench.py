"""The bench runs, and both sides answer: what it measures is no test's business."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

PROJECT = Path(__file__).resolve().parents[2]
PAGES = ["Save a draft", "Sign a note", "Open a note", "Browse 3 clients", "Sign in"]


@pytest.fixture(scope="module")
def printed() -> str:
    # Two sides that answer differently, or otherwise than expected, end the bench with an error.
    database = ["--postgres"] if connection.vendor == "postgresql" else []
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--small", *database],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestTheBench:
    @pytest.mark.parametrize("page", PAGES)
    def test_compares_each_page(self, printed, page):
        assert re.search(rf"^\| {page} +\| +\d+\.\d\d +\| ≤ [\d.]+ +\| (met|missed) ", printed, re.MULTILINE)

    @pytest.mark.parametrize("row", ["At rest", "Added by 2 sign-ins"])
    def test_weighs_the_workers(self, printed, row):
        assert re.search(rf"^\| {row} +\| \d+ +\| ≤ \d+ +\| (met|missed) +\| \d+ +\|$", printed, re.MULTILINE)

    @pytest.mark.parametrize("job", ["Wrap 10 grants anew", "Seal 20 notes anew"])
    def test_sets_replaced_keys_beside_the_primitives(self, printed, job):
        assert re.search(rf"^\| {job} +\| \d+\.\d\d +\| ≤ 2 +\| (met|missed) ", printed, re.MULTILINE)

    @pytest.mark.parametrize("job", ["Search 6 notes in 3 records, beside opening them", "First result"])
    def test_sets_a_search_beside_a_loop_and_itself(self, printed, job):
        assert re.search(rf"^\| {job} +\| \d+\.\d\d +\| ≤ [\d.]+ +\| (met|missed) ", printed, re.MULTILINE)

    def test_sets_an_import_beside_sealing_and_inserting(self, printed):
        assert re.search(r"^\| Import 20 notes +\| \d+\.\d\d +\| ≤ 3 +\| (met|missed) ", printed, re.MULTILINE)


class TestTheTwin:
    def test_is_small_enough_to_be_read_at_a_glance(self):
        files = (PROJECT / "bench/twin").glob("*.py")
        assert sum(len(file.read_text().splitlines()) for file in files) <= 200

    def test_shares_every_template(self):
        assert not list((PROJECT / "bench").rglob("*.html"))
