"""What can be wrong with an installation: each is one sentence at the terminal, before anything else is said."""

import json
import socket
import subprocess
from pathlib import Path

import pytest

from practice.mishaps import sentence_for
from tests.practice.installation import ANSWERS, Installation

# Not even the superuser can make a folder in it.
NO_FOLDER = "/dev/null/practice"
NOBODY_HOME = "postgres://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def bare(tmp_path: Path):
    """Secrets and an empty database; no tables yet."""
    installation = Installation.create(tmp_path / "bare")
    yield installation
    installation.drop()


def assert_says(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not done.stdout
    for part in words:
        assert part in done.stderr


class TestServe:
    def test_says_that_the_port_is_taken_and_nothing_before_it(self, installation):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            assert_says(
                installation.run("serve", "--port", str(port)), f"Port {port} cannot be used", "PORT=8001 make run"
            )

    def test_says_that_there_is_no_such_port(self, installation):
        assert_says(installation.run("serve", "--port", "70000"), "Port 70000 cannot be used")

    def test_says_that_there_are_no_tables(self, bare):
        assert_says(bare.run("serve"), "`python manage.py setup`", "`make run`")


class TestDemo:
    @pytest.mark.parametrize("arguments", [["--sheet"], ["--sheet", "--json"]])
    @pytest.mark.parametrize("begun", ["bare", "installation"])
    def test_has_no_sheet_before_there_is_a_demo(self, request, begun, arguments):
        done = request.getfixturevalue(begun).run("demo", *arguments, DEMO="1")
        assert_says(done, "There is no demo here yet. Run `make run` first.")

    def test_says_that_its_sheet_is_gone(self, bare):
        assert bare.run("demo", DEMO="1").returncode == 0
        (bare.folder / "demo/sheet.json").unlink()
        assert_says(bare.run("demo", DEMO="1"), "sheet.json is gone", "`make run`")


# They say so before any database is asked, or of one that is not there.
@pytest.mark.once
class TestAnyCommand:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"VAR_DIR": NO_FOLDER}, f"{NO_FOLDER}/run cannot be used (Not a directory)"),
            ({"DATABASE_URL": NOBODY_HOME}, "The database does not answer as it should"),
            ({"DATABASE_URL": f"sqlite:///{NO_FOLDER}/file"}, "The database does not answer as it should"),
            ({"DATABASE_URL": "here"}, "DATABASE_URL is no address of a database"),
            ({"PEPPER": "half a line"}, "PEPPER must be 32 bytes in base64"),
            ({"IDLE_STAFF": "soon"}, "A value is of the wrong kind: invalid literal for int() with base 10: 'soon'"),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )
    def test_says_what_is_wrong_with_the_settings(self, bare, changes, words):
        assert_says(bare.run("serve", **changes), words, ".env")

    def test_shows_where_it_failed_if_asked(self, bare):
        assert "Traceback" in bare.run("serve", "--traceback", DATABASE_URL=NOBODY_HOME).stderr

    def test_that_fails_of_itself_stays_a_traceback(self):
        assert sentence_for(BrokenPipeError()) is None


class TestSetup:
    def test_says_that_the_keys_have_no_place_and_keeps_nothing(self, bare):
        done = bare.run("setup", "--from-stdin", given=json.dumps(ANSWERS), KEY_DIR=f"{NO_FOLDER}/keys")
        assert_says(done, f"{NO_FOLDER}/keys cannot be used")
        assert bare.is_empty()


class TestDoctor:
    def test_explains_a_database_that_does_not_answer_beside_the_rest(self, bare):
        done = bare.run("doctor", DATABASE_URL=NOBODY_HOME)
        assert done.returncode == 1
        assert "MISSING   database: The database does not answer" in done.stdout
        assert "MISSING   mail:" in done.stdout
        assert not done.stderr
