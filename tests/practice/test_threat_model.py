"""Each test that docs/threat-model.md leans on exists, and each of the thirty pitfalls has one."""

import ast
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

PROJECT = Path(__file__).resolve().parents[2]
MODEL = (PROJECT / "docs/threat-model.md").read_text()
FILES = sorted(set(re.findall(r"`([\w/]*?\w+\.py)`", MODEL)))
CLASSES = re.findall(r"`([\w/]+\.py)` \(((?:`\w+`(?:, )?)+)\)", MODEL)
PITFALLS = re.findall(r"^\| (\d+) \| [^|]+ \| (.+) \|$", MODEL, flags=re.MULTILINE)
NODES = [node for _, tests in PITFALLS for node in re.findall(r"`([^`]+)`", tests)]


def find(name: str) -> list[Path]:
    return [PROJECT / name] if "/" in name else list((PROJECT / "tests").rglob(name))


@pytest.mark.parametrize("name", FILES)
def test_every_file_exists(name):
    assert any(file.is_file() for file in find(name))


@pytest.mark.parametrize(("name", "classes"), CLASSES)
def test_every_class_stands_in_its_file(name, classes):
    sources = "".join(file.read_text() for file in find(name))
    assert not [named for named in re.findall(r"\w+", classes) if f"class {named}:" not in sources]


def test_every_line_says_where_it_is_tried():
    lines = [line for line in MODEL.splitlines() if line.startswith("| ") and "---" not in line]
    tried = [line.rstrip(" |").rpartition("|")[2] for line in lines]
    assert len(tried) > 15
    assert not [where for where in tried if where.strip() in ("", "–")]


def test_every_pitfall_has_a_test():
    assert [int(number) for number, _ in PITFALLS] == list(range(1, 31))
    assert all("::test_" in tests for _, tests in PITFALLS)


@pytest.mark.parametrize("node", NODES)
def test_every_test_of_a_pitfall_stands_where_it_is_said(node):
    file, *names = node.split("::")
    level: ast.AST = ast.parse((PROJECT / file).read_text())
    for name in names:
        inside = [child for child in ast.iter_child_nodes(level) if getattr(child, "name", None) == name]
        assert inside, f"no {name} in {file}"
        level = inside[0]
