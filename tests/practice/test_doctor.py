"""`manage.py doctor`: each thing that can be missing is named, with what to do; nothing else is."""

import json
import shutil
from datetime import timedelta
from types import SimpleNamespace
from unittest import mock

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from access.roles import Role
from audit.actors import System
from audit.acts import Act
from audit.services import record
from consent.kinds import DocumentKind
from consent.models import Version
from consent.services.publishing import Review
from keys.services import Standing, hold_revived_grants
from practice import doctor
from practice.cast import enrol_colleague
from practice.doctor import examine
from practice.findings import Finding, Verdict
from practice.handshake import X25519, X25519MLKEM768
from practice.paper import printing
from tests.cast import Cast
from tests.consent.choices import publish
from tests.consent.tampering import alter

NOW = timezone.now


def look(name: str) -> Finding:
    [finding] = [finding for finding in examine(at=NOW()) if finding.name == name]
    return finding


def log(act: Act, *, ago: timedelta = timedelta(0)) -> None:
    with transaction.atomic():
        record(act, by=System(), at=NOW() - ago)


@pytest.fixture(autouse=True)
def quick_press(tmp_path, monkeypatch):
    """A press that prints its one page at once: what a real one does is tried in `tests/practice/paper`."""
    press = tmp_path / "press.py"
    press.write_text("import sys; sys.stdout.buffer.write(bytes(7) + b'\\1.')")
    monkeypatch.setattr(printing, "_PROGRAM", press)
    return press


@pytest.fixture
def in_order(cast: Cast, settings, tmp_path, monkeypatch):
    """An installation that misses nothing: each test takes one thing away."""
    settings.BASE_DIR = settings.VAR_DIR = tmp_path
    settings.TLS = True
    settings.BASE_URL = "https://practice.example"
    settings.ALLOWED_HOSTS = ["practice.example"]
    settings.EMAIL_CONFIGURED = True
    settings.ADMINS = [("operator", "operator@practice.example")]
    (tmp_path / ".env").touch(mode=0o600)
    monkeypatch.setattr("practice.handshake.ask_for_group", lambda *_: X25519MLKEM768)
    log(Act.BACKUP_MADE)
    log(Act.BACKUP_DRILLED)
    log(Act.RECOVERY_DRILLED)
    enrol_colleague(manager=cast.manager, name="Second", address="second@alder.example", roles=(Role.MANAGER,))
    with mock.patch("ctypes.CDLL") as kernel:
        kernel.return_value.adjtimex.return_value = 0
        yield kernel


@pytest.mark.usefixtures("in_order")
class TestAnInstallationInOrder:
    def test_misses_nothing(self, capsys):
        call_command("doctor")
        assert capsys.readouterr().out.endswith("Nothing is missing.\n")

    def test_is_reminded_of_what_no_program_can_see(self):
        notes = {finding.name for finding in examine(at=NOW()) if finding.verdict is Verdict.NOTE}
        assert notes == {"secrets", "recovery", "limits"}
        assert look("recovery").says.startswith("2 of 3 printed recovery codes")

    def test_is_told_to_programs_as_well(self, capsys):
        call_command("doctor", json=True)
        findings = json.loads(capsys.readouterr().out)
        assert {"name", "verdict", "says", "do"} == findings[0].keys()
        assert "missing" not in {finding["verdict"] for finding in findings}


@pytest.mark.usefixtures("in_order")
class TestASettingThatIsMissing:
    @pytest.mark.parametrize(
        ("name", "changes", "says"),
        [
            ("debug", {"DEBUG": True}, "DEBUG is on"),
            ("encryption", {"TLS": False}, "leads to the network without encryption"),
            ("encryption", {"TLS": False, "BASE_URL": "http://127.0.0.1:8000"}, "only this machine may open them"),
            ("address", {"ALLOWED_HOSTS": ["other.example"]}, "does not answer at its own address practice.example"),
            ("mail", {"EMAIL_CONFIGURED": False}, "No mail can be sent"),
            ("mail", {"ADMINS": []}, "nobody is told when a page fails"),
            ("real practice", {"DEMO": True}, "This is the demo"),
            ("practice keys", {"KEY_DIR": "/nonexistent"}, "missing or not its own"),
        ],
    )
    def test_is_named_with_what_to_do(self, settings, name, changes, says):
        assert look(name).verdict is Verdict.OK
        for setting, value in changes.items():
            setattr(settings, setting, value)
        finding = look(name)
        assert finding.verdict is Verdict.MISSING
        assert says in finding.says
        assert finding.do

    @pytest.mark.parametrize(
        ("group", "says"), [(X25519, "A quantum computer"), (None, "could not be told"), (0x0017, "A quantum computer")]
    )
    def test_is_a_handshake_that_can_be_recorded_for_later(self, monkeypatch, group, says):
        assert look("handshake").verdict is Verdict.OK
        monkeypatch.setattr("practice.handshake.ask_for_group", lambda *_: group)
        finding = look("handshake")
        assert finding.verdict is Verdict.NOTE
        assert says in finding.says
        assert "X25519MLKEM768" in finding.do

    def test_makes_the_command_fail(self, settings, capsys):
        settings.TLS = False
        with pytest.raises(SystemExit) as end:
            call_command("doctor")
        assert end.value.code == 1
        assert capsys.readouterr().out.startswith("MISSING   encryption: ")


class TestTheMachine:
    def test_may_have_a_clock_that_nothing_keeps(self, in_order):
        in_order.return_value.adjtimex.return_value = 5
        assert look("clock").verdict is Verdict.MISSING

    def test_may_not_say_how_its_clock_is(self, in_order):
        del in_order.return_value.adjtimex
        assert look("clock").verdict is Verdict.NOTE

    def test_may_have_a_full_disk(self, in_order, monkeypatch):
        usage = SimpleNamespace(free=100 * 1024**2)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        assert look("disk").says == "Only 100 MB are free."

    def test_may_lack_what_pdf_files_need(self, in_order, quick_press):
        assert look("paper").verdict is Verdict.OK
        quick_press.unlink()
        finding = look("paper")
        assert finding.verdict is Verdict.MISSING
        assert "libpango-1.0-0" in finding.do

    def test_may_show_its_secrets_to_others(self, in_order, settings):
        (settings.BASE_DIR / ".env").chmod(0o644)
        finding = look("files")
        assert finding.verdict is Verdict.MISSING
        assert finding.do == f"Run `chmod go= {settings.BASE_DIR}/.env`."

    def test_may_show_its_keys_to_others(self, in_order, settings, tmp_path):
        settings.KEY_DIR = tmp_path / "keys"
        settings.KEY_DIR.mkdir()
        settings.KEY_DIR.chmod(0o755)
        assert str(settings.KEY_DIR) in look("files").do


class TestTheBackup:
    def test_may_never_have_been_made(self, cast: Cast, settings):
        assert look("backup").verdict is Verdict.MISSING
        assert look("backup").says == "There was never a backup, as far as the log knows."
        assert "Set BACKUP_DIR" in look("backup").do

    def test_may_be_too_old(self, cast: Cast, settings):
        settings.BACKUP_DIR = "/mnt/backups"
        log(Act.BACKUP_MADE, ago=timedelta(hours=49))
        assert look("backup").verdict is Verdict.MISSING
        assert look("backup").do.startswith("Run `python manage.py backup` and see what it says about /mnt/backups.")
        log(Act.BACKUP_MADE, ago=timedelta(hours=47))
        assert look("backup").verdict is Verdict.OK

    def test_may_not_have_been_rehearsed_for_a_year(self, cast: Cast):
        assert look("drill").says == "There was never a restore drill, as far as the log knows."
        log(Act.BACKUP_DRILLED, ago=timedelta(days=366))
        assert look("drill").verdict is Verdict.NOTE
        log(Act.BACKUP_DRILLED, ago=timedelta(days=364))
        assert look("drill").verdict is Verdict.OK

    def test_may_have_brought_back_what_nobody_has_confirmed(self, cast: Cast):
        assert not [finding for finding in examine(at=NOW()) if finding.name == "restore"]
        hold_revived_grants(Standing(frozenset(), frozenset()))
        assert look("restore").verdict is Verdict.MISSING
        assert "confirm_restore" in look("restore").do


class TestThePractice:
    def test_may_have_one_manager(self, cast: Cast):
        assert look("managers").verdict is Verdict.MISSING

    def test_of_one_person_is_only_reminded(self, cast: Cast, monkeypatch):
        monkeypatch.setattr(doctor, "all_staff", lambda: [cast.manager.user])
        assert look("managers").verdict is Verdict.NOTE

    def test_may_have_no_recovery_codes(self, cast: Cast, monkeypatch):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM keys_recoveryshare WHERE subset <> %s", ["1+2"])
            assert "2 of 2" in look("recovery").says
            cursor.execute("DELETE FROM keys_recoveryshare")
        assert look("recovery").verdict is Verdict.MISSING

    def test_may_still_have_the_text_as_it_was_shipped(self, cast: Cast):
        assert look("limits").verdict is Verdict.NOTE
        assert "names no state" in look("limits").says

    def test_may_have_a_text_that_nobody_reviewed(self, cast: Cast):
        publish(cast.manager.as_(Role.MANAGER))
        assert "No lawyer has looked" in look("limits").says
        publish(cast.manager.as_(Role.MANAGER), review=Review("Ada Counsel", NOW().date()))
        assert look("limits") == Finding("limits", Verdict.OK, "Your text of the limits was reviewed by Ada Counsel.")

    def test_may_have_a_text_that_was_altered(self, cast: Cast):
        alter(Version.objects.filter(kind=DocumentKind.CONFIDENTIALITY), meaning="I agree to everything.")
        assert look("limits").verdict is Verdict.MISSING
        assert "opens for nobody" in look("limits").says

    def test_may_have_nobody_who_tidies_up(self, cast: Cast):
        Session.objects.create(session_key="old", session_data="", expire_date=NOW() - timedelta(days=3))
        assert look("timer").verdict is Verdict.MISSING

    def test_may_not_exist_yet(self, cast: Cast, monkeypatch):
        monkeypatch.setattr(doctor, "is_set_up", lambda: False)
        assert look("practice").do == "Run `python manage.py setup`."


class TestTheDatabase:
    def test_may_have_lost_a_guard(self, cast: Cast):
        statement = {
            "sqlite": "DROP TRIGGER audit_entry_no_delete",
            "postgresql": "DROP TRIGGER append_only ON audit_entry",
        }[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert "The access log is not protected" in look("log guards").says

    def test_may_be_older_than_the_program(self, cast: Cast):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        assert look("database").says == "The tables are older than the program."

    def test_may_not_answer(self, db, monkeypatch):
        def down() -> bool:
            raise OperationalError

        monkeypatch.setattr(doctor, "is_set_up", down)
        assert "does not answer" in look("database").says
