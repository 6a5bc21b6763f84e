"""The release of a will: one person asks, another confirms, and then it waits. No client's key is touched here."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from access.acting import Actor, Refusal, service
from access.services.mailing import mail_asked, mail_custody, mail_news
from audit.acts import Act, Ground
from audit.entries import Basis, SealedDetail
from audit.services import record, record_look
from clients.kinds import Why
from clients.models.custody import Release, Will
from clients.sealed import bind_release
from clients.services.stages import AnotherStep, Turn, entitled, lock_part, lock_stage, needs_sheets
from clients.services.taking_back import end_releases, forget_lapsed_releases
from clients.services.wills import NoSuchWill, lock_will, tell
from keys.errors import KeyRefused, KeysError
from keys.prepared import Prepared
from keys.services import Place, VaultKind, Vouched, make_vault, open_vault, require_open, vouch_for_holder

if TYPE_CHECKING:
    from access.models import User


class SecondPerson(Refusal):
    """Whoever asked would confirm as well."""

    message = "You asked for this yourself, so somebody else has to confirm it. Nothing was changed."


class NotAccepted(Refusal):
    """Nobody becomes a custodian without having said yes."""

    message = "The custodian has not agreed yet. They do so on their own page first. Nothing was changed."


@dataclass(frozen=True, repr=False)
class Because:
    """Why a therapist cannot act, and how one knows."""

    why: Why
    line: str


@service
@transaction.atomic(durable=True)
def ask_release(*, by: Actor, will: Will, seen: str, because: Because, at: datetime) -> Release:
    """Say that a therapist cannot act, and ask for the next step. The therapist is told at once.

    :param seen: the mark of the stage that was on the page
    :raises NotYours, NotAccepted, AnotherStep: see there
    """
    will, stage = lock_stage(by=by, will=will, seen=seen, turn=Turn.ASK, at=at)
    if will.accepted_at is None:
        raise NotAccepted(will.therapist)
    forget_lapsed_releases(will, at=at)
    release = Release(will=will, step=stage.step, why=because.why, asked_by=by.user, asked_at=at)
    vault = make_vault(by=by.keys, place=Place(VaultKind.RELEASE, release.pk), readers=_readers(by, will), at=at)
    release.sealed_reason = vault.seal(because.line, bound_to=bind_release(release))
    release.save(force_insert=True)
    tell([will.therapist], mail_custody)
    tell([user for user in entitled(will) if user != by.user], mail_asked)
    record(
        Act.CUSTODY_ASKED,
        by=by,
        target=will.therapist,
        basis=Basis(Ground.CUSTODY, release.pk),
        enc=SealedDetail.of(release.sealed_reason, key_name="release"),
        fields=[release.step, release.why],
        at=at,
    )
    return release


@service
@transaction.atomic(durable=True)
def confirm_release(*, by: Actor, will: Will, seen: str, by_sheets: bool = False, at: datetime) -> Release:
    """Confirm as a second person what somebody else asked for; the waiting time begins. The therapist is told at once.

    :param by_sheets: enough printed codes were typed and opened, which counts where nobody else could confirm
    :raises NotYours, SecondPerson, AnotherStep: see there
    """
    will, stage = lock_stage(by=by, will=will, seen=seen, turn=Turn.CONFIRM, at=at)
    release = stage.release
    assert release is not None  # noqa: S101 (what is to be confirmed was asked for)
    sheets = needs_sheets(will, release) and by_sheets
    if release.asked_by == by.user and not sheets:
        raise SecondPerson(will.therapist)
    release.confirmed_by, release.confirmed_at, release.by_sheets = by.user, at, sheets
    release.free_at = at + settings.CUSTODY_WAIT
    release.save(update_fields=["confirmed_by", "confirmed_at", "by_sheets", "free_at"])
    tell([will.therapist], mail_custody)
    tell([user for user in {will.custodian, release.asked_by} if user != by.user], mail_news)
    basis, fields = Basis(Ground.CUSTODY, release.pk), [release.step]
    record(Act.CUSTODY_CONFIRMED, by=by, target=will.therapist, basis=basis, fields=fields, at=at)
    return release


@service
@transaction.atomic(durable=True)
def stop_release(*, by: Actor, will: Will, at: datetime) -> None:
    """Stop all that stands of a release, as somebody who has a part in it; keys that were given are taken back.

    :raises NotYours: not this person's to stop
    :raises AnotherStep: there is nothing to stop
    """
    will = lock_part(by=by, will=will)
    if not _stop(will, by, at):
        raise AnotherStep(will.therapist)


def is_released(user: "User", *, at: datetime) -> bool:
    """Say whether others have asked for the release of this person's own will, and it stands."""
    return _standing.any(therapist=user.pk, at=at)


@Prepared
def _standing(therapist: UUID, at: datetime) -> QuerySet[Release, UUID]:
    rows = Release.objects.filter(will__therapist=therapist, ended_at=None)
    return rows.filter(Q(until=None) | Q(until__gt=at)).values_list("pk", flat=True)


def stop_on_return(*, by: Actor, at: datetime) -> bool:
    """Stop what stands of one's own release: whoever signs in can act.

    :returns: whether there was anything
    """
    # Asked first, and by every first page of anybody: where there is nothing, nobody waits for whoever writes.
    if not Release.objects.filter(will__therapist=by.user, ended_at=None).exists():
        return False
    with transaction.atomic(durable=True):
        try:
            return _stop(lock_will(therapist=by.user), by, at)
        except NoSuchWill:
            return False


def read_reason(*, by: Actor, release: Release, at: datetime) -> str | None:
    """Open why a release was asked for, for who has a part in it; None without its key. The look is recorded first."""
    receipt = record_look(Act.CUSTODY_REASON_READ, by=by, target=release.will.therapist, at=at)
    try:
        vault = open_vault(by=by.keys, place=Place(VaultKind.RELEASE, release.pk))
    except KeysError:
        return None
    return vault.unseal(release.sealed_reason, bound_to=bind_release(release), receipt=receipt)


def _stop(will: Will, by: Actor, at: datetime) -> bool:
    if not end_releases(will, by=by, at=at):
        return False
    tell([user for user in {*entitled(will), will.therapist} if user != by.user], mail_news)
    return True


def _readers(by: Actor, will: Will) -> list[Vouched]:
    readers = []
    for user in {*entitled(will), will.therapist} - {by.user}:
        try:
            readers.append(vouch_for_holder(by=require_open(by.keys), holder=user.pk))
        except KeyRefused:
            # Whose keys wait to be confirmed reads no reason. That must not hold up a release, least of all a
            # therapist's own, who may never have them confirmed any more.
            continue
    return readers
