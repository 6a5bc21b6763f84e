"""Formats that a therapist or the practice made: written, given another version, withdrawn, and read for good.

They lie in the clear, because nothing about a client stands in them. A version is named by the hash of what it says,
and a note's seal and signature bind that name: whoever writes the database can take a version away, and put no other
in its place.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from access.acting import Actor, Refusal, service
from access.roles import Role
from audit.actors import Named
from audit.acts import Act
from audit.services import record
from keys.context import encode
from keys.errors import SealBroken
from notes.formats import Format, Section
from notes.models.formats import OwnFormat
from notes.published import SAFETY_QUESTION

_OWN = "own/"
# Of a session: after its maker's sections comes the question about safety, in the first wording that there was.
_OF_SESSION = f"{_OWN}s1/"
_QUESTION = SAFETY_QUESTION[0].name


class FormatAltered(SealBroken):
    """A stored version of a format is gone, or does not say what it said when notes were written in it."""


class FormatRefused(Refusal):
    """Nothing was changed; `message` says why."""

    act = Act.FORMAT_REFUSED


class NoSuchFormat(FormatRefused):
    """Not there, or somebody else's."""

    message = "There is no such format, or it is not yours to change. Nothing was changed."


class FormatMovedOn(FormatRefused):
    """Another window changed it meanwhile."""

    message = "This format was changed in another window. Open it anew, and put your change into that."


@dataclass(frozen=True)
class Part:
    """A section as its maker wrote it; `name` is what notes store it under."""

    name: str
    label: str
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Wording:
    """What a version says.

    :param for_all: offered to the whole practice, which only managers may
    """

    label: str
    parts: tuple[Part, ...]
    for_all: bool = False


@dataclass(frozen=True)
class Listed:
    """A format as its maker sees it, with whether this person may change it."""

    version: OwnFormat
    may_change: bool

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(Part(**part) for part in self.version.sections)


def is_own(name: str) -> bool:
    """Say whether a name is that of a format which somebody here made."""
    return name.startswith(_OWN)


# What a name stands for never changes, and the hash was compared before it was kept.
@lru_cache(maxsize=512)
def read_format(name: str) -> Format:
    """Read a version by its name.

    :raises FormatAltered: see there
    """
    of_session = name.startswith(_OF_SESSION)
    stored = name.replace(_OF_SESSION, _OWN, 1) if of_session else name
    version = OwnFormat.objects.filter(pk=stored).first()
    if version is None or _name_of(version) != stored:
        raise FormatAltered
    parts = (Part(**part) for part in version.sections)
    sections = tuple(Section(part.name, part.label, part.hint, optional=part.optional) for part in parts)
    names = {section.name for section in sections}
    # One of its maker's own, from before the name was taken, is asked for in any case.
    asked = [section for section in SAFETY_QUESTION if of_session and section.name not in names]
    return Format(name, version.label, (*sections, *asked), series=f"{_OWN}{version.family}")


def latest_formats(*, by: Actor, for_session: bool = False) -> list[Format]:
    """List what this person may write in: their own and the practice's, each in its latest version.

    :param for_session: with the question about safety at the end
    """
    names = [_name_for(version, for_session) for version in _latest(by) if version.is_offered]
    return [format_ for name in names if (format_ := _unaltered(name))]


def browse_formats(*, by: Actor) -> list[Listed]:
    """List this person's own formats and the practice's, with what they may change."""
    return [Listed(version, _may_change(by, version)) for version in _latest(by) if version.is_offered]


def find_own(*, by: Actor, family: UUID) -> Listed | None:
    """Find a format that this person may change, in its latest version."""
    return next((row for row in browse_formats(by=by) if row.version.family == family and row.may_change), None)


def may_write_for_all(*, by: Actor) -> bool:
    """Say whether this person may make formats for the whole practice."""
    return by.role == Role.MANAGER or by.user.roles_held.filter(role=Role.MANAGER).exists()


@service
def write_format(*, by: Actor, family: UUID, after: int, wording: Wording, at: datetime) -> OwnFormat:
    """Write a format, or another version of one. Notes go on being read by the version that they were written in.

    :param family: drawn with the page for a new one, so that a form sent twice makes one
    :param after: the version that was on the page; 0 for a new one
    :raises NoSuchFormat: somebody else's, or for the whole practice by who is no manager
    :raises FormatMovedOn: see there
    """
    latest = OwnFormat.objects.filter(family=family).order_by("-number").first()
    if not _may_write(by, latest, wording):
        raise NoSuchFormat(_named(family))
    version = _version(by, family, after + 1, wording, at)
    if latest and latest.name == version.name:
        return latest
    if after != (latest.number if latest else 0):
        raise FormatMovedOn(_named(family))
    _store(by, version, Act.FORMAT_WRITTEN)
    return version


@service
def withdraw_format(*, by: Actor, family: UUID, at: datetime) -> None:
    """Offer a format no longer. Drafts and notes that were written in it stay as they are.

    :raises NoSuchFormat: not there, not offered, or somebody else's
    :raises FormatMovedOn: see there
    """
    found = find_own(by=by, family=family)
    if found is None:
        raise NoSuchFormat(_named(family))
    wording = Wording(found.version.label, found.parts, for_all=found.version.owner_id is None)
    version = _version(by, family, found.version.number + 1, wording, at)
    version.is_offered = False
    version.name = _name_of(version)
    _store(by, version, Act.FORMAT_WITHDRAWN)


def _named(family: UUID) -> Named:
    return Named("notes.format", family)


def _store(by: Actor, version: OwnFormat, act: Act) -> None:
    try:
        with transaction.atomic(durable=True):
            version.save(force_insert=True)
            record(act, by=by, target=_named(version.family), at=version.made_at)
    except IntegrityError as raced:
        raise FormatMovedOn(_named(version.family)) from raced


def _version(by: Actor, family: UUID, number: int, wording: Wording, at: datetime) -> OwnFormat:
    version = OwnFormat(
        family=family,
        number=number,
        owner=None if wording.for_all else by.user,
        label=wording.label,
        sections=[asdict(part) for part in wording.parts],
        made_by=by.user,
        made_at=at,
    )
    version.name = _name_of(version)
    return version


def _name_of(version: OwnFormat) -> str:
    sections = json.dumps(version.sections, ensure_ascii=False, sort_keys=True)
    facts = (version.family, version.number, version.owner_id, version.label, sections, int(version.is_offered))
    return _OWN + hashlib.sha256(encode("note-format/v1", *facts)).hexdigest()


def _latest(by: Actor) -> Sequence[OwnFormat]:
    versions = OwnFormat.objects.filter(Q(owner=None) | Q(owner=by.user)).order_by("number")
    # The last of each family stays.
    return sorted({version.family: version for version in versions}.values(), key=lambda version: version.label.lower())


def _name_for(version: OwnFormat, for_session: bool) -> str:
    # Versions from before the question was asked may have a section of its name: those ask in their own words.
    asks_itself = any(part["name"] == _QUESTION for part in version.sections)
    return version.name.replace(_OWN, _OF_SESSION, 1) if for_session and not asks_itself else version.name


def _unaltered(name: str) -> Format | None:
    # One that was altered is not offered; notes that were written in it say so when they are read.
    try:
        return read_format(name)
    except FormatAltered:
        return None


def _may_write(by: Actor, latest: OwnFormat | None, wording: Wording) -> bool:
    if wording.for_all and not may_write_for_all(by=by):
        return False
    return latest is None or (_may_change(by, latest) and (latest.owner_id is None) is wording.for_all)


def _may_change(by: Actor, version: OwnFormat) -> bool:
    return version.owner_id == by.user.pk or (version.owner_id is None and may_write_for_all(by=by))
