"""The whole disk and every secret of the environment are gone; no note, contact or shared text opens."""

import json
import os
import secrets
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def run(module, env, given=""):
    """Run one of the two programs and read what it says."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.practice.stolen.{module}"],
        cwd=PROJECT,
        env=env,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def stolen(tmp_path_factory):
    """A practice that worked for a day: its folder, its environment, and what only its people know."""
    folder = tmp_path_factory.mktemp("stolen")
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
    return folder, env, run("house", env)


@pytest.fixture(scope="module")
def taken(stolen):
    _, env, _ = stolen
    return run("thief", env)


class TestAThiefWithDiskAndEnvironment:
    def test_opens_no_text_and_becomes_nobody(self, taken):
        assert taken["opened"] == []
        assert taken["people"] == 0

    def test_tried_every_key_in_reach(self, taken):
        assert taken["environment"] == ["PEPPER", "SECRET_KEY", "SERVICE_KEY"]
        assert taken["keys"] > 300

    def test_gets_addresses_and_second_factors_as_the_threat_model_says(self, taken):
        assert "mara@linden.example" in taken["addresses"]
        assert "later@post.example" in taken["addresses"]
        assert taken["second_factors"] == 2

    def test_finds_nothing_readable_in_any_file(self, stolen):
        folder, _, known = stolen
        files = [file for file in folder.rglob("*") if file.is_file()]
        assert any(file.name == "subrosa.sqlite3" for file in files)
        for text in [*known["canaries"], known["passphrase"], "guest@post.example"]:
            for spelling in (text.encode(), text.encode("utf-16-le"), text.encode().hex().encode()):
                assert not [file.name for file in files if spelling in file.read_bytes()]


class TestAThiefWhoGuessesThePassphrase:
    def test_opens_what_that_person_opens_so_the_attempts_above_were_real(self, stolen):
        _, env, known = stolen
        taken = run("thief", env, given=known["passphrase"])
        assert taken["people"] == 1
        assert len(taken["opened"]) == known["vaults"]
        for canary in known["canaries"]:
            assert any(canary in text for text in taken["opened"])

    def test_opens_nothing_with_a_wrong_guess(self, stolen):
        _, env, _ = stolen
        assert run("thief", env, given="correct horse battery staple")["opened"] == []
