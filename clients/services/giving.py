"""What a released will gives: the keys of each client, by the practice recovery key, for a time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.services.mailing import mail_custody, mail_news
from access.services.people import lock_people
from access.states import State
from audit.acts import Act, Ground, Purpose
from audit.entries import Basis
from audit.services import Receipt, record
from clients.kinds import Step
from clients.models import Care, Client
from clients.models.custody import Handed, Release, Will
from clients.services.covers import close_covers
from clients.services.finding import closed_clients
from clients.services.letters import write_letter
from clients.services.parting import part_handles, record_looks
from clients.services.sharing import NoKeyToShare, Recipient, RecipientChanged, pass_keys, recipient_of
from clients.services.stages import Turn, lock_stage
from clients.services.wills import Wishes, tell, unseal_wishes
from keys.errors import KeyRefused, KeysError, SealBroken
from keys.services import Place, VaultKind, end_loans, open_vault, require_open, vouch_for_holder

if TYPE_CHECKING:
    from uuid import UUID

# As long as a cover at most: a caseload is told and handed over by then, or the codes are typed once more.
LASTS = timedelta(days=90)
_KINDS = {Step.CONTACTS: (VaultKind.CONTACT,), Step.NOTES: (VaultKind.RECORD,)}
_ACTS = {Step.CONTACTS: Act.CUSTODY_CONTACTS_GIVEN, Step.NOTES: Act.CUSTODY_NOTES_GIVEN}


class NotTheirWill(Refusal):
    """What the row says is not what the therapist sealed: another custodian, or another will."""

    act = Act.KEY_REFUSED
    message = (
        "This is not the will that the therapist sealed: somebody changed the database. Nothing was given. Please tell "
        "who looks after the practice’s computer, today."
    )


def begin_giving(*, by: Actor, will: Will, release: Release, at: datetime) -> Receipt:
    """Put into the log that keys will be opened, and of which clients, before any is. Managers learn of nobody new.

    :returns: the receipt with which the will itself opens
    """
    basis, clients = Basis(Ground.CUSTODY, release.pk), _clients(will, hidden_too=True)
    looks = record_looks(Act.CUSTODY_BEGUN, by=by, clients=clients, target=will.therapist, basis=basis, at=at)
    return looks[0][1]


@service
@transaction.atomic(durable=True)
def give(*, by: Actor, will: Will, seen: str, keys_seen: str, receipt: Receipt, at: datetime) -> list[str]:
    """Wrap what a step releases to the custodian's keys, for a time, and write to each client.

    :param by: whoever leads, with the practice recovery key in hand for this one act
    :param seen: the mark of the stage that was on the page
    :param keys_seen: of the custodian who was shown, see :class:`clients.services.sharing.Recipient`
    :returns: the codes of clients whose keys could not be given, hidden ones left out
    :raises NotYours, AnotherStep: see there
    :raises RecipientChanged: the custodian or their keys are not what was shown
    :raises NotTheirWill: see there
    :raises KeyRefused: the custodian's certificate does not hold
    """
    # Whoever ends an account locks people, wills and clients in this order too.
    lock_people([will.therapist_id, will.custodian_id])
    will, stage = lock_stage(by=by, will=will, seen=seen, turn=Turn.GIVE, at=at)
    release = stage.release
    assert release is not None  # noqa: S101 (what is given was asked for)
    if will.custodian.state != State.ACTIVE or recipient_of(will.custodian, None).seen != keys_seen:
        raise RecipientChanged(will.therapist)
    wishes = _believe(by, will, receipt)
    release.given_by, release.given_at, release.until = by.user, at, at + LASTS
    release.save(update_fields=["given_by", "given_at", "until"])
    _lend_will(by, release, at)
    left = [client for client in _reached(will, stage.step, wishes) if not _give_one(by, release, client, at)]
    tell([will.therapist], mail_custody)
    tell([will.custodian] if will.custodian != by.user else [], mail_news)
    _note_given(by, release, at)
    return [client.code for client in left if not client.hidden]


def count_waiting(will: Will) -> int:
    """Count the clients of a therapist's whom managers know of: what the page of a release may say."""
    return len(_clients(will, hidden_too=False))


def _believe(by: Actor, will: Will, receipt: Receipt) -> Wishes:
    """Open the will with the recovery key: only so is it certain whom the therapist named."""
    try:
        return unseal_wishes(by=by, will=will, receipt=receipt)
    except (KeysError, SealBroken) as error:
        raise NotTheirWill(will.therapist) from error


def _reached(will: Will, step: Step, wishes: Wishes) -> Sequence[Client]:
    clients = _clients(will, hidden_too=wishes.hidden_too)
    if step == Step.CONTACTS:
        return clients
    # The second step reaches nobody whom the first did not.
    before = Handed.objects.filter(release__will=will, release__step=Step.CONTACTS, ended_at=None)
    known: set[UUID] = set(before.filter(release__ended_at=None).values_list("client", flat=True))
    return [client for client in clients if client.pk in known]


def _clients(will: Will, *, hidden_too: bool) -> list[Client]:
    cares = Care.objects.filter(therapist=will.therapist, ended_at=None).exclude(client__in=closed_clients())
    clients = Client.objects.filter(pk__in=cares.values("client")).order_by("pk")
    return list(clients if hidden_too else clients.filter(hidden=False))


def _lend_will(by: Actor, release: Release, at: datetime) -> None:
    will, place = release.will, Place(VaultKind.WILL, release.will.therapist_id)
    if release.step == Step.CONTACTS:
        to = vouch_for_holder(by=require_open(by.keys), holder=will.custodian_id)
        end_loans(by=by.keys, place=place, holder=will.custodian_id, at=at)
        open_vault(by=by.keys, place=place).grant(to, at=at, until=release.until)


def _give_one(by: Actor, release: Release, client: Client, at: datetime) -> bool:
    """Give the keys of one client, wholly or not at all; one that does not open holds up none of the others."""
    custodian = release.will.custodian
    try:
        with transaction.atomic():
            locked = Client.objects.select_for_update().get(pk=client.pk)
            # What was lent to cover makes way: two loans of one key would end one another.
            close_covers(locked, by=by, at=at, colleague=custodian)
            _lend(by, recipient_of(custodian, locked), release, locked, at)
            Handed.objects.create(release=release, client=locked, given_at=at)
            write_letter(by=by, client=locked, text=_letter(release), at=at)
    except (KeyRefused, NoKeyToShare):
        return False
    return True


def _lend(by: Actor, to: Recipient, release: Release, client: Client, at: datetime) -> None:
    kinds = tuple(kind for kind in _KINDS[Step(release.step)] if kind in to.lacks)
    pass_keys(by=by, client=client, recipient=to, kinds=kinds, at=at, until=release.until)


def _note_given(by: Actor, release: Release, at: datetime) -> None:
    act, basis, why = _ACTS[Step(release.step)], Basis(Ground.CUSTODY, release.pk), Purpose.OPERATIONS
    rows = Handed.objects.filter(release=release).select_related("client")
    for handles in part_handles(row.client for row in rows):
        record(act, by=by, target=release.will.therapist, subjects=handles, purpose=why, basis=basis, at=at)


def _letter(release: Release) -> str:
    therapist, custodian = release.will.therapist.display_name, release.will.custodian.display_name
    if release.step == Step.NOTES:
        return (
            f"{custodian}, whom {therapist} chose for the day that {therapist} cannot work, can now read the notes "
            "about you, so that your care can go on. Each time it happens, you are told here."
        )
    return (
        f"{therapist} cannot work at present, and chose {custodian} for that day. {custodian} can now see your name "
        "and how to reach you, and will get in touch. The notes about you stay closed."
    )
