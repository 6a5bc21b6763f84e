"""A vault is left without a single grant only by its destruction: each place that deletes grants is known, and why."""

import re
from pathlib import Path

import keys.services

# What else takes grants away, and why one is left: the test that shows it.
LEAVES_ONE = {
    "holding.py": "test_holding.py",  # refuses for the only holder; what expires never stood alone
    "recovering.py": "test_recovering.py",  # deletes what was passed on to new keys
    "standing.py": "test_revived.py",  # moves them aside, until a manager confirms
}
DESTROYS = {"destroying.py"}
TESTS = Path(__file__).resolve().parents[1]
_DELETES = re.compile(r"Grant\.objects\b.*\.delete\(\)|grants?\.delete\(\)|expired\.delete\(\)|erase\(vaults\)")


def test_every_place_that_deletes_grants_is_known():
    sources = Path(keys.services.__file__).parent.glob("*.py")
    found = {source.name for source in sources if _DELETES.search(source.read_text())}
    assert found == LEAVES_ONE.keys() | DESTROYS
    assert all(list(TESTS.rglob(name)) for name in LEAVES_ONE.values())


def test_no_other_app_reaches_the_rows():
    project = Path(keys.services.__file__).parents[2]
    apps = ("access", "attachments", "audit", "clients", "consent", "measures", "notes", "practice")
    sources = [source for app in apps for source in (project / app).rglob("*.py")]
    assert sources
    assert not [
        source
        for source in sources
        if re.search(r"\bdestroy_vaults\(|\bGrant\b", source.read_text())
        if source.relative_to(project).as_posix() != "clients/services/destroying.py"
    ]
