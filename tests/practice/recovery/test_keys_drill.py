"""`manage.py keys_drill`: what it proves, what it says when a sheet is missing, and that it leaves one entry behind."""

import io
import json
from itertools import combinations

import pytest
from django.core.management import CommandError, call_command

from audit.acts import Act, Outcome
from audit.models import Entry
from clients.models import Client
from keys.models import Certificate, Grant, Identity
from keys.services import take_standing
from tests.cast import Cast


@pytest.fixture
def drill(cast: Cast, monkeypatch, capsys):
    """Type these sheets in, as a program, and return what was said."""

    def run(*numbers: int, **typed: str) -> str:
        codes = {str(number): cast.codes[number - 1] for number in numbers} | typed
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"codes": codes})))
        call_command("keys_drill", from_stdin=True)
        said: str = capsys.readouterr().out
        return said

    return run


def entries() -> list[str]:
    return list(Entry.objects.filter(action=Act.RECOVERY_DRILLED).values_list("outcome", flat=True))


@pytest.mark.parametrize("numbers", list(combinations((1, 2, 3), 2)))
def test_each_two_of_three_sheets_prove_it(drill, numbers):
    before = take_standing(), Grant.objects.exclude(accepted=b"").count()
    said = drill(*numbers)
    assert "these vaults: 2 contact, 2 shared." in said
    assert entries() == [Outcome.OK]
    assert (take_standing(), Grant.objects.exclude(accepted=b"").count()) == before


def test_one_sheet_too_few_is_said_and_leaves_nothing(drill):
    with pytest.raises(CommandError, match=r"it takes 2, and 1 came\. Nothing was opened") as failed:
        drill(1)
    assert failed.value.returncode == 1
    assert entries() == []


def test_asks_at_the_terminal(cast: Cast, monkeypatch, capsys):
    typed = iter(["1 3", cast.codes[0], cast.codes[2]])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    call_command("keys_drill")
    assert "open the practice's recovery key" in capsys.readouterr().out


def test_stopping_is_no_fault(monkeypatch, cast: Cast):
    monkeypatch.setattr("builtins.input", lambda _: (_ for _ in ()).throw(EOFError))
    with pytest.raises(CommandError, match="Stopped before the end"):
        call_command("keys_drill")


@pytest.mark.parametrize("given", ["[]", "{}", '{"codes": {"first": "AAAA"}}', "no json"])
def test_what_a_program_gets_wrong_is_said(cast: Cast, monkeypatch, given):
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    with pytest.raises(CommandError, match="Nothing was opened"):
        call_command("keys_drill", from_stdin=True)


def test_a_vault_that_stays_closed_is_named_by_code(drill, cast: Cast):
    seen, hidden = Client.objects.get(pk=cast.robin.client_id), Client.objects.get(pk=cast.noor.client_id)
    Client.objects.filter(pk=hidden.pk).update(hidden=True)
    recovery = Identity.objects.get(sealed_bundle=b"").key_id
    Grant.objects.filter(grantee=recovery, vault__kind="contact").delete()
    with pytest.raises(CommandError) as failed:
        drill(1, 2)
    assert f"the contact vault of client {seen.code}" in str(failed.value)
    assert "the contact vault of client not named here" in str(failed.value)
    assert hidden.code not in str(failed.value)
    assert entries() == [Outcome.PARTIAL]


def test_a_swapped_recovery_key_is_told_from_a_wrong_code(drill):
    Certificate.objects.filter(kind="recovery").delete()
    with pytest.raises(CommandError, match=r"The codes are right, but the recovery key .* \(no_recovery_key\)"):
        drill(1, 2)
    assert entries() == []
