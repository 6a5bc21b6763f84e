"""`manage.py reprint_codes`: the old sheets make new ones and are dead, or everything is as before."""

import io
import json
from collections.abc import Callable
from itertools import combinations

import pytest
from django.core.management import CommandError, call_command

from audit.acts import Act
from audit.models import Entry
from keys.errors import CodesRefused
from keys.models import Certificate, RecoveryShare
from keys.services import is_on_a_sheet, open_with_recovery_codes, recovery_plan
from practice.guides import Terminal
from tests.cast import Cast

Reprint = Callable[..., list[str]]


@pytest.fixture
def reprint(cast: Cast, monkeypatch, capsys) -> Reprint:
    def run(*numbers: int, **changes: object) -> list[str]:
        codes = {str(number): cast.codes[number - 1] for number in numbers}
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"codes": codes, "count": 3, "needed": 2} | changes)))
        call_command("reprint_codes", from_stdin=True)
        told: list[str] = json.loads(capsys.readouterr().out)["practice_codes"]
        return told

    return run


def pair(codes: list[str], *numbers: int) -> dict[int, str]:
    return {number: codes[number - 1] for number in numbers}


def test_each_set_of_the_new_ones_opens_the_same_seed_and_no_old_one_does(cast: Cast, reprint: Reprint):
    seed = open_with_recovery_codes(pair(cast.codes, 1, 2)).seed
    codes = reprint(1, 3, count=5, needed=3)
    assert recovery_plan() == (5, 3)
    assert RecoveryShare.objects.count() == 10
    for numbers in combinations(range(1, 6), 3):
        assert open_with_recovery_codes(pair(codes, *numbers)).seed == seed
    with pytest.raises(CodesRefused, match="newer ones were printed"):
        open_with_recovery_codes(pair([*codes[:2], cast.codes[2]], 1, 2, 3))
    with pytest.raises(CodesRefused):
        open_with_recovery_codes(pair(cast.codes, 1, 2))
    assert is_on_a_sheet(codes[4])
    assert not is_on_a_sheet(cast.codes[0])
    assert Entry.objects.filter(action=Act.RECOVERY_REPRINTED).count() == 1


class TestThatDoesNotGoThrough:
    @pytest.fixture(autouse=True)
    def leaves_the_old_ones(self, cast: Cast):
        shares = sorted(bytes(row.sealed_seed) for row in RecoveryShare.objects.all())
        yield
        assert sorted(bytes(row.sealed_seed) for row in RecoveryShare.objects.all()) == shares
        assert not Entry.objects.filter(action=Act.RECOVERY_REPRINTED).exists()

    @pytest.mark.parametrize(
        ("numbers", "changes", "says"),
        [
            ((1,), {}, "it takes 2, and 1 came"),
            ((1, 2), {"needed": 1}, "at least 2 codes"),
            ((1, 2), {"needed": 4}, "no more than there are"),
            ((1, 2), {"count": 8}, "7 at most"),
            ((1, 2), {"count": "many"}, "are numbers"),
        ],
    )
    def test_says_why(self, reprint: Reprint, numbers, changes, says):
        with pytest.raises(CommandError, match=f"{says}.*The old codes are still the ones"):
            reprint(*numbers, **changes)

    def test_because_they_were_not_copied(self, reprint: Reprint, monkeypatch):
        swapped = lambda _, codes, __: {1: codes[1], 2: codes[0]}  # noqa: E731 (as short as what it stands for)
        monkeypatch.setattr("practice.guides.Program.retype_practice_codes", swapped)
        with pytest.raises(CommandError, match="did not match 5 times"):
            reprint(1, 2)

    def test_because_they_were_mistyped(self, reprint: Reprint, monkeypatch):
        monkeypatch.setattr("practice.guides.Program.retype_practice_codes", lambda *_: {1: "AAAA", 2: "BBBB"})
        with pytest.raises(CommandError, match="did not match 5 times"):
            reprint(1, 2)

    def test_because_the_recovery_key_was_swapped(self, reprint: Reprint):
        Certificate.objects.filter(kind="recovery").delete()
        with pytest.raises(CommandError, match="the recovery key in the database is not the one"):
            reprint(1, 2)

    def test_because_somebody_stopped(self, cast: Cast, monkeypatch):
        monkeypatch.setattr("builtins.input", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(CommandError, match="Stopped before the end"):
            call_command("reprint_codes")


def test_leads_a_person_through_at_the_terminal(cast: Cast, monkeypatch, capsys):
    shown: list[str] = []

    def answer(question: str) -> str:
        shown.append(capsys.readouterr().out)
        codes = [word for word in "".join(shown).split() if word.count("-") == 8]
        answers = {
            "The numbers": "1 2",
            "Code 1": cast.codes[0],
            "Code 2": cast.codes[1],
            "Type code 1": codes[0] if codes else "",
            "Type code 2": codes[1] if codes else "",
        }
        return next((said for start, said in answers.items() if question.startswith(start)), "")

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr(Terminal.__init__, "__defaults__", (answer, answer))
    call_command("reprint_codes")
    assert "destroy their sheets" in capsys.readouterr().out
    assert recovery_plan() == (3, 2)
    with pytest.raises(CodesRefused):
        open_with_recovery_codes(pair(cast.codes, 1, 2))
