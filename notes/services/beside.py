"""What stands beside the writing, earlier notes and goals: named without a look, opened only when it is shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q

from access.acting import Actor, service
from audit.acts import Act, Purpose
from audit.services import record_look
from keys.errors import SealBroken
from notes.formats import Section
from notes.forward import mark_carried, mark_goal
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.finding import no_such_note, notes_of
from notes.services.reading import OpenNote, open_note
from plans.goals import Goal
from plans.services.reading import read_plan

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, repr=False)
class Part:
    """One section of an earlier note.

    :param text: as a reader sees it
    :param carried: with its marks, ready for the draft; empty where the answer has to be given anew
    """

    section: Section
    text: str
    carried: str


@dataclass(frozen=True, repr=False)
class OpenBeside:
    """An earlier note beside a draft, after its look was recorded."""

    opened: OpenNote

    @property
    def note(self) -> Note:
        return self.opened.note

    @property
    def parts(self) -> list[Part]:
        # What is chosen from a list, such as the answer on safety, is never chosen by an earlier note.
        return [
            Part(section, text, "" if section.choices else mark_carried(text, self.note))
            for section, text in self.opened.sections
        ]

    def carried(self, name: str) -> str:
        """Return one section with its marks; nothing where the note has no such section, or it cannot be carried."""
        return next((part.carried for part in self.parts if part.section.name == name), "")


@dataclass(frozen=True, repr=False)
class GoalBeside:
    """One goal of the plan beside a draft."""

    goal: Goal

    @property
    def name(self) -> str:
        return str(self.goal.key)

    @property
    def label(self) -> str:
        return self.goal.status.label

    @property
    def text(self) -> str:
        """The goal and its steps, as the exported plan has them."""
        return self.goal.text

    @property
    def carried(self) -> str:
        """What stands in the note that refers to it."""
        return mark_goal(self.goal.words)


def name_beside(*, by: Actor, draft: Draft) -> list[Note]:
    """List what stands beside a draft: the last session, the last note of any kind, and the last safety plan.

    Nothing is opened. An addendum has its own note beside it.
    """
    if draft.amends_id:
        return []
    notes = _readable(by, draft).defer("sealed_body", "signature").order_by("-session_at", "-signed_at")
    before = notes.filter(session_at__lt=draft.session_at)
    found = (before.filter(kind=NoteKind.SESSION), before, notes.filter(kind=NoteKind.SAFETY_PLAN))
    # In this order, and each once: most often the last session is the last note.
    return list(dict.fromkeys(note for rows in found if (note := rows.first())))


@service
def read_beside(*, by: Actor, draft: Draft, note_id: UUID, at: datetime) -> OpenBeside:
    """Record the look, then open a note about the same client beside a draft.

    :raises NoSuchNote: about somebody else, nobody in their care, a process note beside a progress note, or none
    :raises SealBroken, KeyRefused: see :func:`notes.services.reading.read_note`
    """
    note = _readable(by, draft).filter(pk=note_id).first()
    if note is None:
        raise no_such_note(note_id)
    receipt = record_look(Act.NOTE_READ, by=by, target=note, purpose=Purpose.TREATMENT, at=at)
    return OpenBeside(open_note(by=by, note=note, receipt=receipt))


def read_goals_beside(*, by: Actor, draft: Draft, at: datetime) -> list[GoalBeside]:
    """Record the look, then open the goals of the plan beside a draft, the active ones first.

    Nothing is recorded or opened where there is no plan, beside an addendum, and once the care has ended.

    :raises SealBroken: the latest version was altered; what was before is not put beside a note as if it held
    :raises NoGrant: see :func:`plans.services.reading.read_plan`
    """
    plan = None if draft.amends_id else read_plan(by=by, client=draft.client, at=at)
    if plan and plan.is_broken:
        raise SealBroken
    goals = sorted(plan.goals, key=lambda goal: not goal.is_active) if plan else []
    return [GoalBeside(goal) for goal in goals]


def _readable(by: Actor, draft: Draft) -> "QuerySet[Note]":
    # A process note is no part of the record, and one press would carry it there.
    return notes_of(by, draft.client).filter(Q() if draft.note_kind.is_process else ~Q(kind=NoteKind.PROCESS))
