"""What docs/first-day.md tells people to type and press exists."""

import re
from pathlib import Path

from django.core.management import get_commands

from practice import doctor

PROJECT = Path(__file__).resolve().parents[2]
GUIDE = (PROJECT / "docs/first-day.md").read_text()


def test_every_command_exists():
    named = set(re.findall(r"manage\.py (\w+)", GUIDE))
    assert named >= {"setup", "serve", "doctor", "restore"}
    assert named <= set(get_commands())


def test_every_variable_exists():
    named = set(re.findall(r"^    ([A-Z_]+)=", GUIDE, re.MULTILINE))
    assert named >= {"TLS", "BASE_URL"}
    assert named <= set(re.findall(r"^(?:# )?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))


def test_every_button_exists():
    pages = "".join(file.read_text() for file in (PROJECT / "templates").rglob("*.html"))
    pages += (PROJECT / "practice/context.py").read_text()
    numbered = re.sub(r"(?s)^.*## Part 4", "", GUIDE)
    buttons = {" ".join(name.split()) for name in re.findall(r"\*\*([^*]+)\*\*", numbered)}
    spoken = {"Say the short code in the room or by phone"}
    assert not {name for name in buttons - spoken if name not in pages}


def test_parts_that_the_doctor_sends_people_to_are_about_that():
    source = Path(doctor.__file__).read_text()
    assert set(re.findall(r"first-day\.md, part (\d)", source)) == {"2", "3"}
    assert "## Part 2: Let phones" in GUIDE
    assert "## Part 3: What must happen each night" in GUIDE
