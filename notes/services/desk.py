"""What stands beside the writing, and the therapist's pages that bring several things together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.timezone import localdate

from access.acting import Actor
from audit.acts import Act, Purpose
from audit.services import Receipt, record_look
from clients.services.contacts import browse_clients, label_of
from clients.services.covers import is_reachable, opened_until
from clients.services.opening import Told, browse_covers, openings_to_tell, tell_of
from clients.services.reading import ClientPage, read_client
from consent.publication import Screen
from consent.services.deciding import Standing, state_of, states_of
from consent.services.discussing import look_at_marks, look_for_marks
from measures.services.waiting import Waiting, count_open, look_for_waiting
from notes.kinds import NoteKind
from notes.models import Draft, Note, Version
from notes.services.cosign_desk import CosignDesk, cosign_desk_of
from notes.services.cosigning import with_cosignings
from notes.services.drafting import OpenDraft, list_unfinished
from notes.services.expecting import Expected, look_for_expected
from notes.services.looking_back import list_thrown_away
from notes.services.reading import browse_notes, last_note
from notes.services.signing import unclear_before
from plans.services.finding import plan_of, reviews_due

if TYPE_CHECKING:
    from clients.models import Client
    from plans.models import Version as Plan


@dataclass(frozen=True)
class About:
    """Whom a page is about.

    :param label: the name, or the code while this therapist waits for the key
    :param care_has_ended: the client is in this therapist's care no more, who may still finish a draft
    """

    client: "Client"
    label: str
    standing: Standing
    care_has_ended: bool


@dataclass(frozen=True)
class Desk:
    """The client beside the page.

    :param last: the note on the session before
    :param unclear: what has to be talked about before this note is signed
    """

    about: About
    last: Note | None
    unclear: tuple[Screen, ...]


@dataclass(frozen=True)
class Unfinished:
    """A draft in a list; `label` names the client where the list is not about one alone.

    :param care_has_ended: the client is in the author's care no more
    """

    draft: Draft | Version
    label: str = ""
    care_has_ended: bool = False


@dataclass(frozen=True)
class Overview:
    """One client as their therapist sees them: consent first, then what was written.

    :param to_read: how many questionnaires nobody has closed
    :param opened_until: when this closes again, for a colleague who opened it under cover
    :param plan: of the treatment; nothing of it is opened
    """

    page: ClientPage
    standing: Standing
    unclear: tuple[Screen, ...]
    notes: list[Note]
    drafts: list[Unfinished]
    to_read: int
    opened_until: datetime | None
    plan: "Plan | None"

    @property
    def is_review_due(self) -> bool:
        """Whether the plan is to be looked at again."""
        return bool(self.plan and self.plan.review_date and self.plan.review_date <= localdate())


@dataclass(frozen=True)
class Listed:
    """A client of the day's page."""

    client: "Client"
    label: str
    standing: Standing
    unclear: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether this client waits for an answer, a talk or a sheet of paper."""
        return bool(self.standing.unanswered or self.unclear or self.standing.wants_paper)


@dataclass(frozen=True)
class Measured:
    """A questionnaire that waits for its therapist; `label` names the client."""

    waiting: Waiting
    label: str


@dataclass(frozen=True)
class Due:
    """A plan to look at again; `label` names the client."""

    plan: "Plan"
    label: str


@dataclass(frozen=True)
class Comes:
    """Who is expected; `label` names the client."""

    expected: Expected
    label: str


@dataclass(frozen=True)
class Today:
    """A therapist's first page. Clients are in the order of their names, drafts by session, debts by age.

    :param to_sign: who signed before, elsewhere, and is to sign here at the next session
    :param opened: what colleagues opened under cover of late, newest first
    :param covering: for how many clients this person covers, or will
    :param urgent: questionnaires with an answer that cannot wait, before everything else
    :param measures: the other questionnaires to read and close
    :param expected: who comes within a week, and of whose last session there is no note yet
    """

    urgent: list[Measured]
    measures: list[Measured]
    clients: list[Listed]
    waiting: list[Listed]
    unfinished: list[Unfinished]
    debts: list[Listed]
    to_sign: list[Listed]
    opened: list[Told]
    covering: int
    expected: list[Comes]
    reviews: list[Due]
    supervision: CosignDesk

    @property
    def about_to_write(self) -> Comes | None:
        """Whose session was the last to begin: most likely the one to write down now."""
        return next((row for row in reversed(self.expected) if row.expected.may_be_written), None)

    @property
    def to_review(self) -> int:
        """How many drafts have something in them."""
        return sum(not row.draft.is_untouched for row in self.unfinished)


def name_client(*, by: Actor, client: "Client", at: datetime) -> About:
    """Record the look, then say whom a page is about: whoever writes has to see that it is the right client."""
    receipt = record_look(Act.CLIENT_READ, by=by, target=client, purpose=Purpose.TREATMENT, at=at)
    return _about(by, client, receipt, at)


def desk_of(*, by: Actor, opened: OpenDraft, at: datetime) -> Desk:
    """Gather what stands beside a draft, under the look at that draft; what the client marked has one of its own."""
    client = opened.draft.client
    return Desk(
        about=_about(by, client, opened.receipt, at),
        last=last_note(by=by, client=client, before=opened.draft.session_at),
        unclear=unclear_before(by=by, opened=opened, at=at),
    )


def overview_of(*, by: Actor, client: "Client", at: datetime) -> Overview:
    """Open a therapist's page about one client; the looks at client, notes and marks stand in the log first."""
    page, until = read_client(by=by, client=client, at=at), opened_until(by=by, client=client)
    return Overview(
        page=page,
        standing=state_of(client=client, at=at),
        notes=with_cosignings(browse_notes(by=by, client=client, at=at)),
        # What waits for a talk waits for the therapist.
        unclear=() if until else look_at_marks(by=by, client=client, at=at),
        drafts=[Unfinished(draft) for draft in list_unfinished(by=by, client=client)],
        to_read=count_open(client=client),
        plan=plan_of(by=by, client=client),
        opened_until=until,
    )


def today_of(*, by: Actor, at: datetime) -> Today:
    """Gather a therapist's first page: names are opened, and what new clients marked; notes are not."""
    rows = browse_clients(by=by, at=at)
    standings = states_of(clients=[row.client for row in rows], at=at)
    # The talk comes before the first session note, so nobody's answers are opened after it.
    met = set(Note.objects.filter(author=by.user, kind=NoteKind.SESSION).values_list("client", flat=True))
    marks = look_for_marks(by=by, clients=[row.client for row in rows if row.client.pk not in met], at=at)
    marked = {client_id: len(screens) for client_id, screens in marks.items()}
    clients = [Listed(row.client, row.label, standings[row.client.pk], marked.get(row.client.pk, 0)) for row in rows]
    labels = {row.client.pk: row.label for row in clients}
    debts = sorted((row for row in clients if row.standing.debts), key=lambda row: row.standing.debts[0].at)
    unfinished = _named(list_unfinished(by=by), labels, by=by)
    openings = openings_to_tell(by=by, at=at)
    waiting = look_for_waiting(by=by, clients=[row.client for row in rows], at=at)
    measures = [Measured(one, labels[one.measure.client_id]) for one in waiting]
    expected = look_for_expected(by=by, clients=list(labels), at=at)
    return Today(
        urgent=[one for one in measures if one.waiting.is_first],
        measures=[one for one in measures if not one.waiting.is_first],
        clients=clients,
        waiting=[row for row in clients if row.is_waiting],
        unfinished=unfinished,
        debts=debts,
        to_sign=[row for row in clients if row.standing.elsewhere_until],
        opened=[replace(told, label=labels[told.client.pk]) for told in tell_of(openings, by=by, at=at)],
        covering=len(browse_covers(by=by, at=at)),
        expected=[Comes(one, labels[one.client_id]) for one in expected],
        reviews=[Due(plan, labels[plan.client_id]) for plan in reviews_due(clients=list(labels), on=localdate(at))],
        supervision=cosign_desk_of(by=by, labels=labels, at=at),
    )


def thrown_away_of(*, by: Actor, at: datetime) -> list[Unfinished]:
    """List the drafts that somebody threw away and can bring back; the names are opened, under a look of their own."""
    thrown_away = list_thrown_away(by=by, at=at)
    labels = {row.client.pk: row.label for row in browse_clients(by=by, at=at)} if thrown_away else {}
    return _named(thrown_away, labels, by=by)


def _named(drafts: Sequence[Draft | Version], labels: Mapping[UUID, str], *, by: Actor) -> list[Unfinished]:
    return [
        Unfinished(draft, labels.get(draft.client_id, draft.client.code), not is_reachable(by=by, client=draft.client))
        for draft in drafts
    ]


def _about(by: Actor, client: "Client", receipt: Receipt, at: datetime) -> About:
    return About(
        client=client,
        label=label_of(by=by, client=client, receipt=receipt),
        standing=state_of(client=client, at=at),
        care_has_ended=not is_reachable(by=by, client=client),
    )
