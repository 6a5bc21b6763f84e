"""Which format a note is written in: what its kind offers, what its author usually takes, what a stored name means."""

from collections import Counter
from itertools import chain

from access.acting import Actor
from keys.errors import SealBroken
from notes.formats import Format
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.published import current_format, find_published, formats_for, takes_own
from notes.services.own_formats import is_own, latest_formats, read_format

# Enough to see a habit, few enough to follow a new one within two weeks.
_HABIT = 9


def find_format(name: str) -> Format:
    """Return the format that a stored draft or note names.

    :raises KeyError: this version does not know it
    :raises FormatAltered: see there
    """
    return read_format(name) if is_own(name) else find_published(name)


def offered_formats(kind: NoteKind, *, by: Actor) -> list[Format]:
    """List what this person may write this kind of note in: first what came with the house, then their own."""
    own = latest_formats(by=by, for_session=kind == NoteKind.SESSION) if takes_own(kind) else []
    return [*formats_for(kind), *own]


def fitting_format(kind: NoteKind, wanted: str, *, by: Actor) -> Format:
    """Return the format of this name where this kind of note is written in it, and the kind's own where it is not."""
    by_name = {format_.name: format_ for format_ in offered_formats(kind, by=by)} if wanted else {}
    return by_name.get(wanted, current_format(kind))


def other_formats(draft: Draft, *, by: Actor) -> list[Format]:
    """List the formats that a draft may still be given: none once something is written, and none for an addendum."""
    if draft.amends_id or not draft.is_untouched:
        return []
    return [format_ for format_ in offered_formats(draft.note_kind, by=by) if format_.name != draft.format]


def usual_format(*, by: Actor) -> Format:
    """Return what this person took most often for their latest sessions. Nothing is opened, and nothing has to be set.

    The latest wins where two were taken as often; who has written nothing yet is offered the first of all.
    """
    drafts = Draft.objects.filter(author=by.user, kind=NoteKind.SESSION, amends=None)
    notes = Note.objects.filter(author=by.user, kind=NoteKind.SESSION)
    taken = (rows.order_by("-session_at").values_list("session_at", "format")[:_HABIT] for rows in (drafts, notes))
    names = [name for _, name in sorted(chain.from_iterable(taken), reverse=True)[:_HABIT]]
    offered = {format_.family: format_ for format_ in offered_formats(NoteKind.SESSION, by=by)}
    habits = Counter(family for name in names if (family := _family(name)) in offered).most_common(1)
    return offered[habits[0][0]] if habits else current_format(NoteKind.SESSION)


def _family(name: str) -> str:
    # Another version of one's own format is the same habit.
    try:
        return find_format(name).family
    except (KeyError, SealBroken):
        return ""
