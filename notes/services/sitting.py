"""A sitting: every finished draft shown whole, one after another, and signed one by one after a single press."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError

from access.acting import Actor, Refusal
from audit.services import AuditUnavailable
from keys.errors import KeysError
from notes.formats import Answer
from notes.models import Draft, Note
from notes.services.desk import Desk, desk_of
from notes.services.drafting import OpenDraft, list_unfinished, open_draft
from notes.services.finding import AlreadySigned
from notes.services.signing import sign_note
from notes.services.together import others_named, parts_of

# As many as somebody reads with care in one go.
AT_ONCE = 20
_CLOSED = "This draft does not open here. Open it by itself: its page says why."


@dataclass(frozen=True, repr=False)
class Reviewed:
    """A draft as its author looks through it; `desk` and `answers` are missing where it stayed closed.

    :param is_late: signed now, it is a late entry
    :param named: who comes together with this client, and is named in the text
    """

    draft: Draft
    is_late: bool
    desk: Desk | None = None
    answers: tuple[Answer, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether it can be signed as it stands."""
        return self.desk is not None and not any(answer.problem for answer in self.answers)


@dataclass(frozen=True, repr=False)
class Sitting:
    """The oldest drafts that something stands in, and how many more there are."""

    reviewed: list[Reviewed]
    more: int

    @property
    def count_ready(self) -> int:
        return sum(one.is_ready for one in self.reviewed)


@dataclass(frozen=True)
class Ticked:
    """A draft that its author has read and wants to sign.

    :param revision: the one that was on the page
    :param talked: what had stayed unclear to the client was talked about
    """

    draft_id: UUID
    revision: int
    talked: bool = False


@dataclass(frozen=True, repr=False)
class Outcome:
    """What came of it: what is signed stays signed. `broken`: something failed, and the rest was not tried."""

    signed: list[Note] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    broken: bool = False


def review_all(*, by: Actor, common: Draft | None = None, at: datetime) -> Sitting:
    """Open every draft that something stands in, the oldest session first, each after a look of its own.

    :param common: of a session together: only that and its parts
    """
    drafts = [common, *parts_of(by=by, common=common)] if common else list_unfinished(by=by)
    begun = [draft for draft in drafts if not draft.is_untouched]
    return Sitting([_review(by, draft, at) for draft in begun[:AT_ONCE]], max(0, len(begun) - AT_ONCE))


def sign_all(*, by: Actor, ticked: Iterable[Ticked], at: datetime) -> Outcome:
    """Sign what was ticked, each as an act of its own: what cannot be signed holds up none of the others.

    Where the database fails, it ends there, and what is signed is kept.
    """
    signed: list[Note] = []
    refused: list[str] = []
    for one in ticked:
        try:
            note = sign_note(by=by, draft_id=one.draft_id, revision=one.revision, talked=one.talked, at=at)
        except Refusal as refusal:
            refused.append(str(refusal))
        except KeysError:
            refused.append(_CLOSED)
        except (DatabaseError, AuditUnavailable):
            return Outcome(signed, refused, broken=True)
        else:
            signed.append(note)
    return Outcome(signed, refused)


def _review(by: Actor, draft: Draft, at: datetime) -> Reviewed:
    is_late = not draft.amends_id and draft.is_late_at(at)
    try:
        opened: OpenDraft = open_draft(by=by, draft_id=draft.pk, at=at)
        desk, named = desk_of(by=by, opened=opened, at=at), others_named(by=by, opened=opened, at=at)
    except (KeysError, AlreadySigned):
        return Reviewed(draft, is_late)
    return Reviewed(opened.draft, is_late, desk, tuple(opened.format.answers(opened.fields)), named)
