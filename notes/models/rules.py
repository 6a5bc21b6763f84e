"""What the database holds drafts and notes to."""

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from notes.kinds import NEEDS_NOTHING, NEEDS_SIGNATURE, NoteKind
from notes.places import SessionPlace

_HEX_SHA256 = 64


def _is_one_of(kinds: Iterable[NoteKind]) -> Q:
    # Plain words, so that migrations do not change with the enum's own name.
    return Q(kind__in=sorted(kind.value for kind in kinds))


def has_hash(name: str) -> models.CheckConstraint:
    """Hold a row to a whole SHA-256."""
    return models.CheckConstraint(condition=Exact(Length("ciphertext_sha256"), _HEX_SHA256), name=name)


def what_allowed_it(name: str, *, imported: Q) -> models.CheckConstraint:
    """Hold a row to what its kind rests on: a signature, an emergency reason, or neither.

    :param imported: what else a past note has to be, which rests on nothing that was given here
    """
    signature, override = Q(consent_basis__isnull=False), Q(consent_override__isnull=False)
    return models.CheckConstraint(
        condition=(_is_one_of(NEEDS_SIGNATURE) & signature & ~override)
        | (_is_one_of([NoteKind.EMERGENCY]) & ((signature & ~override) | (override & ~signature)))
        | (_is_one_of(NEEDS_NOTHING) & ~override)
        | (_is_one_of([NoteKind.IMPORTED]) & ~signature & ~override & imported),
        name=name,
    )


def is_somewhere(name: str) -> models.CheckConstraint:
    """Hold a row to the places that can be chosen."""
    return models.CheckConstraint(
        condition=Q(place__in=["", *sorted(place.value for place in SessionPlace)]), name=name
    )


def next_is_after(name: str) -> models.CheckConstraint:
    """Hold the next session to a moment after this one."""
    # And in no process note: times belong in the record.
    after = Q(next_at__gt=F("session_at")) & ~Q(kind=NoteKind.PROCESS.value)
    return models.CheckConstraint(condition=Q(next_at__isnull=True) | after, name=name)
