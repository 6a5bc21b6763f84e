"""`manage.py setup`: a real practice from nothing, at a real terminal and by program, or nothing at all."""

import json
import stat
from base64 import b32decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django_otp.oath import totp

from practice.setting_up import WantedForm
from tests.practice.installation import ANSWERS, PASSPHRASE, Installation, Keyboard, codes_in


@pytest.fixture(scope="module")
def founded(migrated: Installation, tmp_path_factory) -> Iterator[tuple[Installation, dict[str, Any]]]:
    """A practice that was set up by program, and what the program was told."""
    installation = migrated.clone(tmp_path_factory.mktemp("founded") / "practice")
    yield installation, installation.set_up()
    installation.drop()


SIGN_IN = """
import sys
from django.utils import timezone
from access.services.signing_in import Proof, sign_in
from audit.actors import Nobody, Origin
proof = Proof(*sys.stdin.read().split("|"))
opened, _ = sign_in(by=Nobody(Origin()), proof=proof, at=timezone.now())
print(opened.user.display_name)
"""


FINISH_TWICE = """
import threading
from django.db import connection
from django.utils import timezone
from access.services.first_run import allow_set_up, begin_set_up
from practice.first_run.steps import Step, finish
from tests.practice.first_run.begun import come_to
from practice.first_run.progress import Page

progress, at = come_to(Page.PRINT), timezone.now()
cookie = begin_set_up(code=allow_set_up(at=at), progress=progress.to_bytes(), at=at)
typed = {n: progress.codes[n - 1] for n in (1, 2)}
start, outcomes = threading.Barrier(2), []

def end():
    step = Step(cookie=cookie, at=at)
    start.wait()
    try:
        finish(step, typed)
        outcomes.append("founded")
    except Exception as error:
        outcomes.append(type(error).__name__)
    finally:
        connection.close()

threads = [threading.Thread(target=end) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(*sorted(outcomes))
"""


def answer_questions(person: Keyboard) -> None:
    person.answer("Name of the practice: ", "Linden House")
    person.answer("clients will see it: ", "Ann Roe")
    person.answer("e-mail address: ", "ann@linden.example")
    person.answer("(yes/no): ", "yes")
    person.answer("recovery codes [3]: ", "")
    person.answer("practice's records [2]: ", "")
    person.answer("while you type): ", PASSPHRASE)
    person.answer("passphrase again: ", PASSPHRASE)


def app_code(screen: str) -> str:
    address = next(word for word in screen.split() if word.startswith("otpauth://"))
    return f"{totp(b32decode(parse_qs(urlsplit(address).query)['secret'][0])):06d}"


class TestAtTheTerminal:
    def test_leads_through_to_a_practice(self, installation: Installation):
        person = Keyboard(installation, "setup")
        answer_questions(person)
        codes = codes_in(person.answer("on paper.", ""))
        assert len(codes) == 3
        person.answer("Type code 1 from its sheet: ", codes[0].lower().replace("-", " "))
        person.answer("Type code 2 from its sheet: ", codes[1])
        screen = person.read_until("the app shows now: ")
        assert "█" in screen or "▀" in screen
        person.press(app_code(screen).encode() + b"\n")
        person.answer("on paper.", "")
        person.answer("from the paper: ", codes[2])  # a code, but of the practice
        personal = codes_in(person.answer("on paper.", ""))
        person.answer("from the paper: ", personal[-1])
        assert person.finish() == 0
        assert "Linden House is set up" in person.screen
        assert PASSPHRASE not in person.screen
        assert installation.query("SELECT name, demo FROM access_practice") == [("Linden House", False)]
        assert sorted(installation.query("SELECT role FROM access_roleheld")) == [("manager",), ("therapist",)]
        assert installation.key_files() == ["log.key", "record.key"]

    def test_asks_again_for_what_is_wrong(self, installation: Installation):
        person = Keyboard(installation, "setup")
        person.answer("Name of the practice: ", "")
        person.answer("Name of the practice: ", "Linden House")
        person.answer("clients will see it: ", "Ann Roe")
        person.answer("e-mail address: ", "ann at linden")
        person.answer("e-mail address: ", "ann@linden.example")
        person.answer("(yes/no): ", "perhaps")
        person.answer("(yes/no): ", "no")
        person.answer("recovery codes [3]: ", "2")
        person.answer("practice's records [2]: ", "3")
        person.answer("while you type): ", "too short")
        person.answer("passphrase again: ", "too shirt")
        person.answer("while you type): ", "too short")
        person.answer("passphrase again: ", "too short")
        person.answer("practice's records [2]: ", "2")
        person.answer("while you type): ", PASSPHRASE)
        person.answer("passphrase again: ", PASSPHRASE)
        person.answer("on paper.", "")
        assert "a whole e-mail address" in person.screen
        assert "at least 14 characters" in person.screen
        assert person.interrupt() == 1
        assert installation.is_empty()

    def test_keeps_nothing_when_the_codes_were_not_copied(self, installation: Installation):
        person = Keyboard(installation, "setup")
        answer_questions(person)
        codes = codes_in(person.answer("on paper.", ""))
        for tries in range(5):
            if tries:
                codes = codes_in(person.answer("on paper.", ""))
            person.answer("Type code 1", codes[1])
            person.answer("Type code 2", codes[0])
        assert person.finish() == 1
        assert "did not match 5 times. Nothing was kept" in person.screen
        assert installation.is_empty()

    def test_keeps_nothing_when_the_terminal_goes_away(self, installation: Installation):
        person = Keyboard(installation, "setup")
        answer_questions(person)
        person.answer("on paper.", "")
        person.press(b"\x04")
        assert person.finish() == 1
        assert "Stopped before the end. Nothing was kept." in person.screen
        assert installation.is_empty()
        assert installation.set_up()["practice_name"] == "Linden House"


class TestByProgram:
    def test_tells_each_code_once(self, founded):
        _, told = founded
        assert len(told["practice_codes"]) == 3
        assert told["needed"] == 2
        assert len(told["backup_codes"]) == 8
        assert codes_in(told["recovery_code"]) == [told["recovery_code"]]
        assert told["authenticator"].startswith("otpauth://totp/Subrosa:Ann%20Roe?secret=")
        assert set(told["keys"]) == {"record", "log"}
        assert len(bytes.fromhex(told["root_id"])) == 32

    def test_refuses_a_second_time_and_changes_nothing(self, founded):
        installation, told = founded
        again = installation.run("setup", "--from-stdin", given=json.dumps(ANSWERS | {"name": "Mallory"}))
        assert again.returncode == 1
        assert again.stdout == ""
        assert "already has a practice. Nothing was changed." in again.stderr
        assert installation.query("SELECT display_name FROM access_user") == [("Ann Roe",)]
        assert [key.hex() for (key,) in roots(installation)] == [told["root_id"]]

    def test_leaves_a_healthy_installation(self, founded):
        installation, _ = founded
        assert installation.run("check", "--database", "default").returncode == 0

    def test_leaves_files_that_only_their_owner_reads(self, founded):
        installation, _ = founded
        files = [file for file in installation.folder.rglob("*") if file.is_file()]
        assert any(file.name == "record.key" for file in files)
        assert not [file for file in files if stat.S_IMODE(file.stat().st_mode) & 0o077]

    def test_leaves_no_code_in_any_file(self, founded):
        installation, told = founded
        secrets = [*told["practice_codes"], told["recovery_code"], *told["backup_codes"], PASSPHRASE]
        for file in installation.folder.rglob("*"):
            if file.is_file():
                assert not [secret for secret in secrets if secret.encode() in file.read_bytes()]

    def test_makes_a_person_who_can_sign_in(self, founded):
        installation, told = founded
        secret = parse_qs(urlsplit(told["authenticator"]).query)["secret"][0]
        # The program used this step's code up to confirm the app; the next one is accepted half a minute early.
        code = f"{totp(b32decode(secret), t0=-30):06d}"
        given = f"ann@linden.example|{PASSPHRASE}|{code}"
        done = installation.run("shell", "--no-imports", "-c", SIGN_IN, given=given)
        assert done.stdout.strip() == "Ann Roe", done.stderr


class TestInABrowser:
    def test_of_two_ends_at_once_one_founds_the_practice(self, installation: Installation):
        done = installation.run("shell", "--no-imports", "-c", FINISH_TWICE)
        assert done.stdout.split() == ["CannotSetUp", "founded"], done.stderr
        assert len(installation.query("SELECT name FROM access_practice")) == len(roots(installation)) == 1
        assert installation.key_files() == ["log.key", "record.key"]

    def test_is_not_offered_where_there_is_a_practice(self, founded):
        installation, _ = founded
        done = installation.run("setup", "--browser")
        assert done.returncode == 1
        assert "already has a practice" in done.stderr
        assert installation.query("SELECT * FROM access_setup") == []


class TestRefuses:
    def test_answers_that_do_not_do(self, installation: Installation):
        done = installation.run("setup", "--from-stdin", given=json.dumps(ANSWERS | {"passphrase": "short"}))
        assert done.returncode == 1
        assert "at least 14 characters" in done.stderr
        assert installation.is_empty()

    def test_what_is_no_json(self, installation: Installation):
        done = installation.run("setup", "--from-stdin", given="{")
        assert done.returncode == 1
        assert "not a JSON object" in done.stderr

    def test_a_demo(self, installation: Installation):
        done = installation.run("setup", "--from-stdin", given=json.dumps(ANSWERS), DEMO="1")
        assert done.returncode == 1
        assert "is a demo (DEMO=1" in done.stderr

    def test_a_folder_with_keys_of_another_practice(self, installation: Installation):
        keys = installation.folder / "keys"
        keys.mkdir()
        (keys / "record.key").write_text("of another practice")
        done = installation.run("setup", "--from-stdin", given=json.dumps(ANSWERS))
        assert done.returncode == 1
        assert "holds keys of a practice" in done.stderr
        assert (keys / "record.key").read_text() == "of another practice"


class TestWantedForm:
    def test_accepts_what_does(self):
        assert WantedForm(ANSWERS | {"codes": 3, "needed": 2}).is_valid()

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"passphrase": "megaparol12345"}, "Lists of stolen passwords"),
            ({"address": "nobody"}, "a whole e-mail address"),
            ({"codes": 2, "needed": 3}, "No more codes can be needed than there are."),
            ({"codes": 1, "needed": 1}, "at least 2"),
            ({"codes": 8}, "no more than 7"),
            ({"name": ""}, "Please fill in"),
            ({"practice_name": "x" * 101}, "at most 100"),
        ],
    )
    def test_says_what_does_not(self, changes, reason):
        form = WantedForm(ANSWERS | {"codes": 3, "needed": 2} | changes)
        assert not form.is_valid()
        assert reason in form.errors.as_text()


def roots(installation: Installation) -> list[tuple[bytes]]:
    return [(bytes(key),) for (key,) in installation.query("SELECT root_id FROM keys_root")]
