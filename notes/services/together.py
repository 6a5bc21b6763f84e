"""A session of several people: one note in their common record, and a part for each in that person's own.

Nothing ties a part to the rest. They are drafts of one author about one moment, and once signed each is a note like any
other of its record.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from clients.kinds import TOGETHER
from clients.services.units import look_at_names, members_in_care
from clients.services.vaults import ReadersNotConfirmed
from consent.services.together import who_came
from notes.folding import fold
from notes.kinds import NoteKind
from notes.models import Draft
from notes.services.drafting import OpenDraft, Plan, begin_here
from notes.services.finding import drafts_of, notes_of

if TYPE_CHECKING:
    from clients.models import Client

# Shorter ones stand in many a word, and at the beginning of many a sentence.
_SHORTEST_NAME = 3
_WORD = re.compile(r"[^\W\d_]+")


class NotOfThem(Refusal):
    """Somebody ticked does not belong, or is not in this therapist's care."""

    message = "Somebody whom you ticked does not belong here any more. Nothing was begun. Please look again."


class FirstNoteAlone(Refusal):
    """A part would make somebody's record, whose other readers were not on the page."""

    message = (
        "One of them has no record yet, and a colleague in care would get its key. Begin a first note there by itself: "
        "the page shows you who. Nothing was begun."
    )


@service
@transaction.atomic(durable=True)
def begin_together(*, by: Actor, unit: "Client", plan: Plan, present: frozenset[UUID], at: datetime) -> Draft:
    """Begin the note of a session together and a part for each who was there: all of them, or none.

    What was begun already about the same moment is gone on with.

    :returns: the draft in the common record
    :raises NotOfThem, FirstNoteAlone: see there
    :raises ConsentMissing, ConsentRefused, ReadersNotConfirmed: as :func:`notes.services.drafting.begin_draft`
    """
    people = [client for client in members_in_care(by=by, unit=unit) if client.pk in present]
    if len(people) < len(present):
        raise NotOfThem(unit)
    common = begin_here(by=by, client=unit, plan=plan, at=at)
    # Who else is to get a key was shown of the common record alone.
    part = replace(plan, confirmed=frozenset(), next_at=None)
    for client in people:
        try:
            begin_here(by=by, client=client, plan=part, at=at)
        except ReadersNotConfirmed as unconfirmed:
            raise FirstNoteAlone(client) from unconfirmed
    return common


def parts_of(*, by: Actor, common: Draft) -> list[Draft]:
    """List this author's drafts about the same moment of those who belong; of one person's draft there are none."""
    if not common.client.is_unit:
        return []
    people = members_in_care(by=by, unit=common.client)
    parts = drafts_of(by).filter(kind=NoteKind.SESSION, session_at=common.session_at, amends=None, client__in=people)
    return list(parts.defer("sealed_body").order_by("begun_at", "pk"))


def others_named(*, by: Actor, opened: OpenDraft, at: datetime) -> tuple[str, ...]:
    """Find who else came to the session of a draft and is named in it, each after a look of its own.

    Only where this author writes about the same moment in a common record: a look stands in the other's log, and is
    not to tell them when somebody is written about alone. A process note is its author's own, and names whom its
    author likes.
    """
    draft = opened.draft
    if draft.client.is_unit or draft.note_kind.is_process:
        return ()
    labels = look_at_names(by=by, clients=_companions(by, draft), at=at)
    return _named(labels, opened.fields)


def _companions(by: Actor, draft: Draft) -> set[UUID]:
    """Say by id who came besides the person of a draft, by what this author wrote about the same moment together."""
    came = [who_came(unit, session_at=draft.session_at) for unit in _units_at(by, draft.session_at)]
    return {client for people in came if draft.client_id in people for client in people} - {draft.client_id}


def _units_at(by: Actor, session_at: datetime) -> "set[Client]":
    """List with whom together this author holds a draft or note about a moment."""
    about = {"kind": NoteKind.SESSION, "session_at": session_at, "client__kind__in": TOGETHER}
    drafts = drafts_of(by).filter(amends=None, **about).defer("sealed_body")
    notes = notes_of(by).filter(author=by.user, **about).defer("sealed_body")
    return {row.client for row in (*drafts, *notes)}


def _named(labels: list[str], fields: Mapping[str, str]) -> tuple[str, ...]:
    words = {word for text in fields.values() for word in _WORD.findall(fold(text))}
    return tuple(label for label in labels if words & {name for name in _names(label) if len(name) >= _SHORTEST_NAME})


def _names(label: str) -> list[str]:
    return _WORD.findall(fold(label))
