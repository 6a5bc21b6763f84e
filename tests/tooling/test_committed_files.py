"""What is committed says nothing about the machine it was made on, and installs from anywhere."""

import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

PROJECT = Path(__file__).resolve().parents[2]
# Put together here, so that this file does not find itself.
INDEX_HOSTS = [
    ".".join(parts) for parts in (("pypi", "org"), ("files", "pythonhosted"), ("registry", "npmjs"), ("deb", "debian"))
]
FORBIDDEN = {
    "a package index": "|".join(
        map(re.escape, [*INDEX_HOSTS, "--" + "index-url", "--" + "find-links", "extra-" + "index"])
    ),
    "a folder of one machine": r"(?<![\w.}/])/(?:home|root|work|Users|opt|farm)/\w",
}


def list_committed_texts() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return [path for name in names if name and (path := PROJECT / name).is_file() and b"\0" not in path.read_bytes()]


def find_traces(text: str, pattern: str) -> list[str]:
    return [line for line in text.splitlines() if re.search(pattern, line)]


class TestCommittedFiles:
    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_name_neither_a_package_index_nor_a_folder_of_one_machine(self, what):
        texts = list_committed_texts()
        assert PROJECT / "pyproject.toml" in texts
        traces = {
            str(path.relative_to(PROJECT)): lines
            for path in texts
            if (lines := find_traces(path.read_text(errors="replace"), FORBIDDEN[what]))
        }
        assert not traces

    @pytest.mark.parametrize(
        ("what", "line"),
        [
            ("a package index", "https://" + INDEX_HOSTS[0] + "/simple"),
            ("a package index", "--" + "find-links wheels"),
            ("a folder of one machine", "open('/" + "home/ada/subrosa')"),
        ],
    )
    def test_would_be_noticed(self, what, line):
        assert find_traces(line, FORBIDDEN[what]) == [line]


class TestRequirements:
    @pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
    def test_pin_every_package_by_version_and_hash(self, name):
        text = (PROJECT / name).read_text().replace("\\\n", " ")
        packages = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert packages
        assert not [line for line in packages if "==" not in line or "--hash=sha256:" not in line]

    def test_agree_on_what_a_practice_runs(self):
        run, development = (
            set(re.findall(r"^(\S+==\S+)", (PROJECT / name).read_text(), re.MULTILINE))
            for name in ("requirements.txt", "requirements-dev.txt")
        )
        assert run
        assert run <= development

    def test_each_direct_dependency_says_why_it_is_there(self):
        lines = (PROJECT / "pyproject.toml").read_text().splitlines()
        block = lines[lines.index("dependencies = [") + 1 :]
        block = block[: block.index("]")]
        unexplained = [
            line
            for before, line in zip(["", *block], block, strict=False)
            if line.strip().startswith('"') and not before.strip().startswith("#")
        ]
        assert not unexplained
