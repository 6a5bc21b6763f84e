"""docs/runbook.md: each command in it is run, in its order, and does what the text beside it says."""

import re
import shlex

import pytest
from django.core.management import load_command_class

from tests.browser.server import PROJECT, Server
from tests.practice.backups.places import CANARY, Site

RUNBOOK = (PROJECT / "docs/runbook.md").read_text()
# Run in the suite's own process, see tests/practice/recovery and tests/practice/test_destroy_due.py.
IN_PROCESS = {
    "Recovery codes: try": [["keys_drill"]],
    "A colleague lost": [["recover"]],
    "Destroy what was decided": [["destroy_due"]],
    "Recovery codes: print": [["reprint_codes"]],
}
COMMAND = re.compile(r"^ +\.venv/bin/python manage\.py (.+)$", re.MULTILINE)


def commands_of(part: str, site: Site) -> list[list[str]]:
    """Read the commands of one part, for this site's own folder."""
    [text] = re.findall(rf"(?s)^## {part}.*?\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE)
    return [shlex.split(line.replace("/mnt/backups", str(site.backups))) for line in COMMAND.findall(text)]


def test_has_no_command_outside_the_parts_that_are_run(site: Site):
    parts = [command for part in ("Back up", "Restore", "Drill", *IN_PROCESS) for command in commands_of(part, site)]
    assert len(parts) == len(COMMAND.findall(RUNBOOK))
    assert {part: commands_of(part, site) for part in IN_PROCESS} == IN_PROCESS


def test_back_up(site: Site):
    backup, doctor = commands_of("Back up", site)
    assert "is whole." in site.manage(*backup)
    said = site.run(*doctor).stdout
    assert re.search(r"^OK +backup: ", said, re.MULTILINE)


def test_restore(machine: Site):
    newest, settled, look, confirm, check, serve = commands_of("Restore", machine)
    assert settled == [*newest, "--nothing-since"]  # see test_revived.py
    assert "Next: `python manage.py confirm_restore`" in machine.manage(*newest)
    assert "Dana Whitlock" in machine.manage(*look)
    assert confirm == ["confirm_restore", "--all"]
    assert "Nothing is out of reach." in machine.confirm("manager", *confirm[1:]).stdout
    assert "no issues" in machine.manage(*check)
    assert serve == ["serve"]
    server = Server(machine)
    server.start()
    server.stop()
    assert machine.come_in("therapist") == {"texts": [CANARY]}


def test_drill(site: Site):
    assert commands_of("Drill", site) == [["restore", str(site.backups), "--drill"]]  # see test_in_use.py


@pytest.mark.once
def test_names_options_and_pages_that_exist():
    for command, options in {
        "restore": ["--of", "--nothing-since", "--drill"],
        "confirm_restore": ["--with-codes"],
    }.items():
        told = load_command_class("practice", command).create_parser("manage.py", command).format_help()
        assert all(option in RUNBOOK and option in told for option in options)
    places = (PROJECT / "practice/context.py").read_text()
    assert all(f'"{page}"' in places for page in re.findall(r"\*\*(People|Clients)\*\*", RUNBOOK))
