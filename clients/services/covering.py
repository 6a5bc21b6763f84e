"""Arranging cover ahead: a therapist lends colleagues the keys to a record for the days of an absence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.timezone import localtime

from access.acting import Actor, Refusal, service
from access.services.people import lock_people
from audit.acts import Act
from audit.services import record
from clients.models import Client
from clients.models.cover import Cover
from clients.services.covers import close_covers, covers_of, forget_lapsed
from clients.services.finding import care_team, find_client
from clients.services.handing import Outcome, attempt_each, colleagues_for
from clients.services.letters import write_letter
from clients.services.purposes import purpose_of
from clients.services.sharing import Recipient, RecipientChanged, lock_in_care, pass_keys
from clients.services.supervised import supervised_of

MOST = timedelta(days=90)


class NobodyToName(Refusal):
    """Whoever was chosen cares for the client, covers already, or reads the record as a supervisor."""

    message = (
        "Whoever you chose has this client in care, covers already, or reads the record as your supervisor. To change "
        "a cover, end it first."
    )


class NoSuchAbsence(Refusal):
    """It is over, ends before it begins, or lasts too long."""

    message = f"Cover lasts at most {MOST.days} days, and ends after today. Nothing was arranged."


class NoSuchCover(Refusal):
    """It ended meanwhile, or is another client's."""

    message = "There is no such cover any more. Nothing was changed."


@dataclass(frozen=True)
class Absence:
    """From when until when a therapist is away."""

    starts_at: datetime
    ends_at: datetime

    @property
    def words(self) -> str:
        """Say the days, such as "from 24 November to 7 December"."""
        last = self.ends_at - timedelta(microseconds=1)
        return f"from {date_format(localtime(self.starts_at), 'j F')} to {date_format(localtime(last), 'j F')}"


@service
@transaction.atomic(durable=True)
def arrange_cover(*, by: Actor, client: Client, seen: frozenset[str], absence: Absence, at: datetime) -> list[Cover]:
    """Let colleagues open a client's record during an absence, each time with a reason. It puts nobody in care.

    :param seen: of each colleague who was confirmed on the page, see :class:`clients.services.sharing.Recipient`
    :raises NoSuchClient: no longer in this person's care
    :raises NoSuchAbsence, NobodyToName: see there
    :raises RecipientChanged: not the people or keys that were shown
    :raises NoKeyToShare: this person waits for a key themselves
    :raises KeyRefused: somebody's certificate does not hold, or a key is not one we can vouch for
    """
    lock_people(recipient.user.pk for recipient in colleagues_for(by=by) if recipient.seen in seen)
    client = lock_in_care(by=by, client=client)
    if not (at < absence.ends_at <= absence.starts_at + MOST and absence.starts_at < absence.ends_at):
        raise NoSuchAbsence(client)
    forget_lapsed(client, at=at)
    shown = [recipient for recipient in colleagues_for(by=by, client=client) if recipient.seen in seen]
    if {recipient.seen for recipient in shown} != seen:
        raise RecipientChanged(client)
    taken = {*care_team(client), *(cover.colleague for cover in covers_of(client, at=at))}
    # Two loans of one key would end one another.
    taken |= {row.supervision.supervisor for row in supervised_of(client, at=at)}
    chosen = [recipient for recipient in shown if recipient.user not in taken]
    if not chosen:
        raise NobodyToName(client)
    covers = [_name(by, client, recipient, absence, at) for recipient in chosen]
    write_letter(by=by, client=client, text=_letter(by, chosen, absence), at=at)
    return covers


def cover_caseload(
    *, by: Actor, client_ids: Sequence[UUID], seen: frozenset[str], absence: Absence, at: datetime
) -> list[Outcome]:
    """Arrange the same cover for several clients, each wholly or not at all."""

    def one(client_id: UUID) -> Outcome:
        client = find_client(by=by, client_id=client_id)
        covers = arrange_cover(by=by, client=client, seen=seen, absence=absence, at=at)
        names = get_text_list([cover.colleague.display_name for cover in covers], "and")
        return Outcome(client_id, done=True, words=f"Covered by {names}, {absence.words}.")

    return attempt_each(one, client_ids, by=by, at=at)


@service
@transaction.atomic(durable=True)
def end_cover(*, by: Actor, client: Client, cover_id: UUID, at: datetime) -> Cover:
    """End a cover before its time, as anybody who has the client in care. What was open under it closes.

    :raises NoSuchClient: no longer in this person's care
    :raises NoSuchCover: it ended meanwhile
    """
    client = lock_in_care(by=by, client=client)
    cover = next((cover for cover in covers_of(client, at=at) if cover.pk == cover_id), None)
    if cover is None:
        raise NoSuchCover(client)
    close_covers(client, by=by, at=at, pk=cover.pk)
    record(Act.COVER_ENDED, by=by, target=cover, purpose=purpose_of(by), at=at)
    return cover


def _name(by: Actor, client: Client, recipient: Recipient, absence: Absence, at: datetime) -> Cover:
    cover = Cover.objects.create(
        client=client,
        given_by=by.user,
        colleague=recipient.user,
        starts_at=absence.starts_at,
        ends_at=absence.ends_at,
        arranged_at=at,
    )
    pass_keys(by=by, client=client, recipient=recipient, kinds=recipient.lacks, at=at, until=absence.ends_at)
    record(Act.COVER_ARRANGED, by=by, target=cover, purpose=purpose_of(by), fields=recipient.lacks, at=at)
    return cover


def _letter(by: Actor, chosen: list[Recipient], absence: Absence) -> str:
    names = get_text_list([recipient.name for recipient in chosen], "and")
    return (
        f"{by.display_name} is away {absence.words}. If something cannot wait, {names} may open your record in that "
        "time, and only with a reason. Each time it happens, you are told here."
    )
