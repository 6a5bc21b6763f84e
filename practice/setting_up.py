"""Setting a real practice up: everything in one transaction, which holds only if what was printed was typed back."""

import fcntl
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from access.fields import VisibleField
from access.forms import PlainForm
from access.roles import Role
from access.services.first_person import FirstPerson
from access.services.first_run import end_set_up
from access.services.passphrases import PassphraseTooWeak, check_passphrase_strength
from access.services.people import is_set_up
from keys.errors import WrongPassphrase
from keys.services import open_with_recovery_codes, practice_public_key
from practice.cast import Foundation, found
from practice.retyping import NothingKept, PersonalGuide, take_back_personal, until_it_matches

MOST_CODES = 7


class CannotSetUp(NothingKept):
    """Nothing was set up, and nothing was left behind; the message says why in plain words."""


class NamesForm(PlainForm):
    """The practice, and who begins it."""

    practice_name = VisibleField(label="Name of the practice", max_length=100)
    name = VisibleField(label="Your name, as colleagues and clients will see it", max_length=100)
    address = forms.EmailField(label="Your e-mail address")
    therapist = forms.BooleanField(label="I also see clients myself", required=False)


class SheetsForm(PlainForm):
    """How many recovery sheets there are, and how many of them together open the practice's records."""

    codes = forms.IntegerField(label="How many practice recovery codes", min_value=2, max_value=MOST_CODES)
    needed = forms.IntegerField(label="How many of them open the practice's records", min_value=2)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("needed", 0) > cleaned.get("codes", MOST_CODES):
            self.add_error("needed", "No more codes can be needed than there are.")
        return cleaned


class WantedForm(SheetsForm, NamesForm):
    """What the first person decides before anything is made, where one form asks for all of it."""

    therapist = forms.BooleanField(label="Do you also see clients yourself? (yes/no)", required=False)
    passphrase = forms.CharField(label="Your passphrase", max_length=500, strip=False)

    def clean_passphrase(self) -> str:
        """Accept what is long enough and would not soon be guessed."""
        passphrase: str = self.cleaned_data["passphrase"]
        about = [self.cleaned_data.get(name, "") for name in ("practice_name", "name", "address")]
        try:
            check_passphrase_strength(passphrase, about=about)
        except PassphraseTooWeak as weak:
            raise ValidationError(str(weak)) from weak
        return passphrase


class Guide(PersonalGuide, Protocol):
    """Whoever is shown the codes and types them back: a person at the terminal, or a program."""

    def retype_practice_codes(self, codes: list[str], needed: int) -> dict[int, str]:
        """Show all codes once and return `needed` of them as typed, by their numbers from 1."""


@dataclass(frozen=True)
class Sheet:
    """What is public about a new practice, to be kept on paper beside the codes: a stranger checks proofs with it."""

    practice_name: str
    root_id: str
    keys: Mapping[str, Mapping[str, str]]


def set_up(*, wanted: Mapping[str, Any], guide: Guide, at: datetime) -> Sheet:
    """Make the practice and its first person, and keep both only if the codes were typed back.

    :param wanted: the cleaned data of a :class:`WantedForm`
    :raises CannotSetUp: there is a practice here already, or what was typed did not match five times
    """
    with all_or_nothing():
        end_set_up()
        foundation = _found(wanted, at)
        _take_back(foundation, guide)
        return write_sheet(wanted["practice_name"], foundation)


@contextmanager
def all_or_nothing() -> Iterator[None]:
    """Lead one founding to its end, alone on this machine, or leave neither rows nor key files behind.

    :raises CannotSetUp: there is a practice here already, or somebody else is at this very step
    """
    with _alone():
        require_room()
        try:
            with transaction.atomic(durable=True):
                yield
        except BaseException:
            # A rollback does not reach files. Whatever ends the work, Ctrl+C too, must not leave keys of no practice.
            for file in _key_files():
                file.unlink()
            raise


@contextmanager
def _alone() -> Iterator[None]:
    # Of two who end at once, the later one would otherwise take the key files of the earlier one for its own litter.
    with (settings.RUN_DIR / "set-up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotSetUp("Somebody sets this practice up at this very moment. Nothing was kept here.") from error
        yield


def require_room() -> None:
    """Check that a practice can be made here, before anybody is asked anything.

    :raises CannotSetUp: a demo, a practice, or keys of one are here already
    """
    if settings.DEMO:
        raise CannotSetUp("This installation is a demo (DEMO=1 in its .env). A real practice needs one of its own.")
    if is_set_up():
        raise CannotSetUp("This installation already has a practice. Nothing was changed.")
    if _key_files():
        raise CannotSetUp(
            f"{settings.KEY_DIR} holds keys of a practice, but the database holds none. Do not remove them before "
            "you know whose they are: restore the database from its backup, or set KEY_DIR to another folder."
        )


def _key_files() -> set[Path]:
    return set(Path(settings.KEY_DIR).glob("*.key"))


def _found(wanted: Mapping[str, Any], at: datetime) -> Foundation:
    roles = (Role.MANAGER, Role.THERAPIST) if wanted["therapist"] else (Role.MANAGER,)
    person = FirstPerson(wanted["name"], wanted["address"], wanted["passphrase"], roles)
    return found(
        practice_name=wanted["practice_name"],
        person=person,
        count=wanted["codes"],
        needed=wanted["needed"],
        demo=False,
        at=at,
    )


def _take_back(foundation: Foundation, guide: Guide) -> None:
    until_it_matches(lambda: _practice_codes_open(foundation, guide), guide)
    take_back_personal(foundation.first, guide)


def _practice_codes_open(foundation: Foundation, guide: Guide) -> bool:
    typed = guide.retype_practice_codes(foundation.codes, foundation.needed)
    try:
        return open_with_recovery_codes(typed).root_id == foundation.first.keys.root_id
    except WrongPassphrase:
        return False


def write_sheet(practice_name: str, foundation: Foundation) -> Sheet:
    """Gather what is public about a practice that was just founded."""
    publics = {name: practice_public_key(name) for name in ("record", "log")}
    keys = {
        name: {"id": hashlib.sha256(public).hexdigest()[:32], "public": public.hex()}
        for name, public in publics.items()
    }
    return Sheet(practice_name, foundation.first.keys.root_id.hex(), keys)
