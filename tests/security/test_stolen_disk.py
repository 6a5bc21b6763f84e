"""The whole disk, its backups and every secret of the environment are gone; nothing that was sealed opens.

On the same disk, what runs without anybody there: it opens nothing either.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

# Two programs on files of their own: the database of the run has no part in it.
pytestmark = pytest.mark.once

PROJECT = Path(__file__).resolve().parents[2]


def run(module, env, **seen):
    """Run one of the two programs and read what it says."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.security.stolen.{module}"],
        cwd=PROJECT,
        env=env,
        input=json.dumps(seen),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def stolen(tmp_path_factory):
    """A practice that worked for a while: its folder, its environment, and what only its people know."""
    disk = tmp_path_factory.mktemp("stolen")
    folder = disk / "practice"
    folder.mkdir()
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "practice.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "PEPPER": b64encode(secrets.token_bytes(32)).decode(),
        "SERVICE_KEY": b64encode(secrets.token_bytes(32)).decode(),
        "VAR_DIR": str(folder),
        "KEY_DIR": str(folder / "keys"),
        "DATABASE_URL": f"sqlite:///{folder}/subrosa.sqlite3",
        "DEMO": "0",
    }
    return disk, env, run("house", env)


@pytest.fixture(scope="module")
def taken(stolen):
    """What a thief gets who also guesses wrong, and holds one printed sheet."""
    _, env, known = stolen
    return run("thief", env, passphrases=["correct horse battery staple"], sheets={"1": known["sheets"][0]})


@pytest.fixture(scope="module")
def everything(stolen):
    """What a thief gets who also saw all that people know and carry."""
    _, env, known = stolen
    passphrases = [known["passphrase"], *known["passphrases"]]
    sheets = dict(enumerate(known["sheets"][:2], start=1))
    return run("thief", env, passphrases=passphrases, keys=known["keys"], sheets=sheets)


class TestAThiefWithDiskAndEnvironment:
    def test_opens_nothing_and_becomes_nobody(self, taken):
        assert (taken["opened"], taken["columns"], taken["vault_keys"], taken["people"]) == ([], [], 0, 0)

    def test_tried_every_key_in_reach_on_everything_that_is_sealed(self, taken):
        assert taken["environment"] == ["PEPPER", "SECRET_KEY", "SERVICE_KEY"]
        assert taken["databases"] == ["default", "keys", "records"]
        assert taken["keys"] > 600
        assert set(taken["declared"]) <= set(taken["tried"])

    def test_gets_addresses_and_second_factors_as_the_threat_model_says(self, taken):
        assert {"mara@linden.example", "later@post.example", "otto@linden.example"} <= set(taken["addresses"])
        assert taken["second_factors"] == 4

    def test_finds_nothing_readable_in_any_file(self, stolen):
        disk, _, known = stolen
        files = [file for file in disk.rglob("*") if file.is_file()]
        assert {"subrosa.sqlite3", "records.sqlite3", "keys.sqlite3"} <= {file.name for file in files}
        secret = [known["passphrase"], *known["passphrases"], *known["sheets"], "guest@post.example"]
        for text in [*known["canaries"], known["destroyed"], *secret]:
            for spelling in (text.encode(), text.encode("utf-16-le"), text.encode().hex().encode()):
                assert not [file.name for file in files if spelling in file.read_bytes()]


class TestEveryJob:
    @pytest.fixture
    def done(self, stolen, tmp_path):
        """What ran on a copy of the disk, in a process where opening anything of a person's raises."""
        disk, env, _ = stolen
        shutil.copytree(disk / "practice", tmp_path / "practice")
        places = {"VAR_DIR": "practice", "KEY_DIR": "practice/keys"}
        copied = {name: str(tmp_path / place) for name, place in places.items()}
        database = f"sqlite:///{tmp_path}/practice/subrosa.sqlite3"
        return run("jobs", {**env, **copied, "DATABASE_URL": database})

    def test_works_without_anybodys_keys_and_says_nothing_of_a_text(self, stolen, done):
        known = stolen[2]
        assert done["nights"] == [True, True]
        assert done["backups"] >= 2
        # They had something to do: a record was destroyed, and a key that was lent is gone.
        assert done["after"]["tombstones"] == done["before"]["tombstones"] + 1
        assert done["after"]["grants"] < done["before"]["grants"]
        assert "practice recovery key" in done["said"].casefold()
        assert not [canary for canary in known["canaries"] if canary in done["said"]]


class TestAThiefWhoLearnedWhatPeopleKnow:
    """The attempts above were real: with the missing piece each of them works."""

    def test_opens_what_one_person_opens_with_the_passphrase_of_that_one(self, stolen):
        _, env, known = stolen
        taken = run("thief", env, passphrases=[known["passphrase"]])
        assert taken["people"] == 1
        assert taken["vault_keys"] == known["vaults"]
        for canary in known["canaries"]:
            assert any(canary in text for text in taken["opened"])

    def test_opens_everything_with_everything(self, everything):
        assert everything["columns"] == everything["tried"]
        assert everything["people"] == 4  # three colleagues, and the recovery key

    def test_opens_nothing_of_a_record_that_was_destroyed(self, stolen, everything):
        assert not [text for text in everything["opened"] if stolen[2]["destroyed"] in text]
