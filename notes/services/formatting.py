"""Which format a note is written in: what its kind offers, and what its author usually takes."""

from collections import Counter
from itertools import chain

from access.acting import Actor
from notes.formats import Format
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.published import current_format, formats_for

# Enough to see a habit, few enough to follow a new one within two weeks.
_HABIT = 9


def fitting_format(kind: NoteKind, wanted: str) -> Format:
    """Return the format of this name where this kind of note is written in it, and the kind's own where it is not."""
    by_name = {format_.name: format_ for format_ in formats_for(kind)}
    return by_name.get(wanted, current_format(kind))


def other_formats(draft: Draft) -> list[Format]:
    """List the formats that a draft may still be given: none once something is written, and none for an addendum."""
    if draft.amends_id or not draft.is_untouched:
        return []
    return [format_ for format_ in formats_for(draft.note_kind) if format_.name != draft.format]


def usual_format(*, by: Actor) -> Format:
    """Return what this person took most often for their latest sessions. Nothing is opened, and nothing has to be set.

    The latest wins where two were taken as often; who has written nothing yet is offered the first of all.
    """
    drafts = Draft.objects.filter(author=by.user, kind=NoteKind.SESSION, amends=None)
    notes = Note.objects.filter(author=by.user, kind=NoteKind.SESSION)
    taken = (rows.order_by("-session_at").values_list("session_at", "format")[:_HABIT] for rows in (drafts, notes))
    names = [name for _, name in sorted(chain.from_iterable(taken), reverse=True)[:_HABIT]]
    [(usual, _)] = Counter(names).most_common(1) or [("", 0)]
    return fitting_format(NoteKind.SESSION, usual)
