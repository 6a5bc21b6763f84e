"""Naming who supervises a therapist in training, giving that colleague the records, and the end of both."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from access.acting import Actor, Refusal, service
from access.roles import Role
from access.services.people import lock_people, lock_staff, staff_with
from audit.acts import Act
from audit.services import record
from clients.models import Client
from clients.models.training import Supervised, Supervision
from clients.services.covers import close_covers
from clients.services.finding import find_client, in_care_of
from clients.services.handing import Outcome, attempt_each
from clients.services.letters import write_letter
from clients.services.parting import part_handles
from clients.services.purposes import purpose_of
from clients.services.sharing import (
    CARE_KINDS,
    Recipient,
    RecipientChanged,
    lock_in_care,
    pass_keys,
    recipient_of,
)
from clients.services.supervised import LASTS, supervised_at, supervision_of, take_from_supervisors
from keys.services import key_id_of_holder, subjects_lacked

if TYPE_CHECKING:
    from access.models import User


class NotToSupervise(Refusal):
    """One of the two is no therapist here, or has a part in another supervision that this one would contradict."""

    message = (
        "That cannot be: a supervisor is another therapist who works here and is not in training themselves. Nothing "
        "was changed."
    )


class HasSupervisor(Refusal):
    """Somebody supervises this therapist already."""

    message = "This therapist has a supervisor. End that supervision first. Nothing was changed."


class NoSupervision(Refusal):
    """There is no supervision, or none any more."""

    message = "There is no such supervision any more. Nothing was changed."


@service
@transaction.atomic(durable=True)
def name_supervisor(*, by: Actor, therapist_id: UUID, supervisor_id: UUID, at: datetime) -> Supervision:
    """Name who supervises a therapist from now on. Nobody is given a key by it, and nobody reads more than before.

    :raises NotToSupervise, HasSupervisor: see there
    """
    lock_people([therapist_id, supervisor_id])
    therapist = lock_staff(therapist_id, role=Role.THERAPIST)
    supervisor = lock_staff(supervisor_id, role=Role.THERAPIST)
    if therapist is None or supervisor not in supervisors_for(therapist):
        raise NotToSupervise(therapist)
    if supervision_of(therapist) is not None:
        raise HasSupervisor(therapist)
    supervision = Supervision.objects.create(therapist=therapist, supervisor=supervisor, named_by=by.user, named_at=at)
    record(Act.SUPERVISION_NAMED, by=by, target=therapist, at=at)
    return supervision


def supervisors_for(therapist: "User") -> "list[User]":
    """List who may supervise a therapist: the others who are not in training; nobody where they supervise somebody."""
    standing = Supervision.objects.filter(ended_at=None)
    if standing.filter(supervisor=therapist).exists():
        return []
    in_training = set(standing.values_list("therapist", flat=True))
    return [user for user in staff_with(Role.THERAPIST) if user != therapist and user.pk not in in_training]


def browse_supervisions() -> "list[tuple[User, Supervision | None]]":
    """List every therapist with the supervision they are under, if they are."""
    standing = Supervision.objects.filter(ended_at=None).select_related("supervisor")
    by_therapist = {row.therapist_id: row for row in standing}
    return [(user, by_therapist.get(user.pk)) for user in staff_with(Role.THERAPIST)]


@service
@transaction.atomic(durable=True)
def end_supervision(*, by: Actor, therapist_id: UUID, at: datetime) -> Supervision:
    """End a supervision: the supervisor's keys are taken back, and each client is told.

    :raises NoSupervision: there is none
    """
    lock_people([therapist_id])
    supervision = Supervision.objects.filter(therapist=therapist_id, ended_at=None).first()
    if supervision is None:
        raise NoSupervision
    _end(supervision, by, at)
    return supervision


def end_supervisions_of(user: "User", *, by: Actor, at: datetime) -> None:
    """End every supervision that somebody who leaves has a part in. Belongs inside the caller's transaction."""
    for supervision in Supervision.objects.filter(Q(therapist=user) | Q(supervisor=user), ended_at=None):
        _end(supervision, by, at)


@service
@transaction.atomic(durable=True)
def give_to_supervisor(*, by: Actor, client: Client, seen: str, at: datetime) -> Supervised:
    """Lend one's supervisor the keys to a record, for a year at most; process notes are none of it.

    Given again, it lasts a year from then.

    :param seen: of the supervisor who was on the page, see :class:`clients.services.sharing.Recipient`
    :raises NoSuchClient: no longer in this person's care
    :raises NoSupervision: it ended meanwhile
    :raises RecipientChanged: not the person or the keys that were shown
    :raises NoKeyToShare: this person waits for a key themselves
    :raises KeyRefused: the supervisor's certificate does not hold, or a key is not one we can vouch for
    """
    # Whoever ends one of the two accounts, or the supervision, is done before this goes on.
    shown = supervision_of(by.user)
    lock_people([by.user.pk, *([shown.supervisor_id] if shown else [])])
    supervision = supervision_of(by.user)
    if supervision is None:
        raise NoSupervision(client)
    client = lock_in_care(by=by, client=client)
    to = recipient_of(supervision.supervisor, client)
    if to.seen != seen:
        raise RecipientChanged(client)
    # Two loans of one key would end one another. Whoever supervises needs no cover to read.
    close_covers(client, by=by, at=at, colleague=supervision.supervisor)
    take_from_supervisors(client, by=by, at=at, which=Q(supervision=supervision))
    return _give(by, supervision, to, client, at)


def give_caseload(*, by: Actor, client_ids: Sequence[UUID], seen: str, at: datetime) -> list[Outcome]:
    """Lend one's supervisor the keys to several records, each wholly or not at all."""

    def one(client_id: UUID) -> Outcome:
        row = give_to_supervisor(by=by, client=find_client(by=by, client_id=client_id), seen=seen, at=at)
        return Outcome(client_id, done=True, words=f"{row.supervision.supervisor.display_name} may read this record.")

    return attempt_each(one, client_ids, by=by, at=at)


def given_by(by: Actor, *, at: datetime) -> dict[UUID, Supervised]:
    """Say by client what this person's supervisor reaches of theirs, wholly and with today's keys."""
    rows = {row.client_id: row for row in supervised_at(at).filter(supervision__therapist=by.user)}
    if not rows:
        return {}
    supervisor = next(iter(rows.values())).supervision.supervisor_id
    lacked = subjects_lacked(key_id=key_id_of_holder(supervisor), subjects=rows, kinds=CARE_KINDS)
    return {client_id: row for client_id, row in rows.items() if client_id not in lacked}


def count_ungiven(*, by: Actor, at: datetime) -> int:
    """Count whose record this person's supervisor does not reach, or not wholly."""
    given = given_by(by, at=at)
    return in_care_of(by).exclude(client__in=given).count()


def _give(by: Actor, supervision: Supervision, to: Recipient, client: Client, at: datetime) -> Supervised:
    row = Supervised.objects.create(client=client, supervision=supervision, given_at=at, until=at + LASTS)
    pass_keys(by=by, client=client, recipient=to, kinds=to.lacks, at=at, until=row.until)
    text = (
        f"{by.display_name} is in training. Their supervisor, {to.name}, may see your name and your notes from now on, "
        "answers for your care, and must keep them private too. You see here each time that they read something."
    )
    write_letter(by=by, client=client, text=text, at=at)
    record(Act.SUPERVISION_GIVEN, by=by, target=row, purpose=purpose_of(by), fields=to.lacks, at=at)
    return row


def _end(supervision: Supervision, by: Actor, at: datetime) -> None:
    given = Supervised.objects.filter(supervision=supervision, ended_at=None).values("client")
    clients = list(Client.objects.select_for_update().filter(pk__in=given).order_by("pk"))
    for client in clients:
        write_letter(by=by, client=client, text=_words_of_end(supervision), at=at)
        take_from_supervisors(client, by=by, at=at, which=Q(supervision=supervision))
    supervision.ended_at = at
    supervision.save(update_fields=["ended_at"])
    for handles in part_handles(clients):
        record(Act.SUPERVISION_ENDED, by=by, target=supervision.therapist, subjects=handles, at=at)


def _words_of_end(supervision: Supervision) -> str:
    supervisor, therapist = supervision.supervisor.display_name, supervision.therapist.display_name
    return f"{supervisor} no longer supervises {therapist}, and can no longer read your record for that."
