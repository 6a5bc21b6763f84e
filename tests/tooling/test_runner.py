"""`make test` fails when either database does, also when it ran nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.__main__ import Run

pytestmark = pytest.mark.once


def finish(tmp_path: Path, *, output: str, code: int) -> Run:
    (tmp_path / "output").write_text(output)
    process = subprocess.Popen([sys.executable, "-c", f"raise SystemExit({code})"])
    process.wait()
    return Run("SQLite", tmp_path, process)


class TestRun:
    def test_passes_with_its_tests(self, tmp_path):
        run = finish(tmp_path, output="..\n===== 2 passed, 1 xfailed in 61.10s (0:01:01) =====\na warning\n", code=0)
        assert run.passed
        assert run.closing_line == "2 passed, 1 xfailed in 61.10s (0:01:01)"

    def test_says_when_a_run_broke_off(self, tmp_path):
        run = finish(tmp_path, output="collected 2 items\n", code=0)
        assert not run.passed
        assert run.closing_line == "it did not come to an end"

    @pytest.mark.parametrize(
        ("output", "code"),
        [
            ("1 failed, 1 passed in 0.1s\n", 1),
            ("no tests ran in 0.1s\n", 5),
            ("2 skipped in 0.1s\n", 0),
            ("2 deselected in 0.1s\n", 5),
            ("", -9),
        ],
    )
    def test_fails_with_a_test_and_without_any(self, tmp_path, output, code):
        assert not finish(tmp_path, output=output, code=code).passed
