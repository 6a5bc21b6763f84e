"""Making the file of one record: an entry before any text opens, and one of what was made."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from access.acting import Actor, service
from audit.actors import Named
from audit.acts import Act, Outcome, Purpose
from audit.entries import SealedDetail
from audit.services import record, record_look
from audit.words import PROCESS_NOTE
from practice.exporting.archive import Packed, pack
from practice.exporting.gathering import Volume, gather, require_release
from practice.exporting.purposes import OwnBasis, Why
from practice.paper.printing import Press

if TYPE_CHECKING:
    from audit.actors import Target
    from clients.models import Client

_FILE = "file"


@dataclass(frozen=True)
class _Reason:
    """What the log says of a file besides what is in it."""

    begun: Act
    done: Act
    target: "Target"
    purpose: Purpose
    fields: tuple[str, ...]
    words: str
    is_own: bool = False


@service
def export_record(
    *, by: Actor, client: "Client", why: Why, press: Press, at: datetime, all_agreed: bool = False
) -> Packed:
    """Put a record into a file: signed notes, questionnaires, consents and the log; drafts and process notes never.

    What stays closed is named in the file, and the entry says that it is not whole.

    :param all_agreed: each of those who belong to a couple, family or group has said yes in writing
    :raises NotAllAgreed: nobody said so of theirs; nothing was opened
    :raises AuditUnavailable: it could not be recorded; nothing was opened, or nothing is handed out
    """
    require_release(client, all_agreed=all_agreed)
    reason = _Reason(Act.EXPORT_BEGUN, Act.EXPORT_DONE, client, why.purpose, (why.value,), why.words)
    return _export(by, client, reason, press, at)


def export_own_notes(
    *, by: Actor, client: "Client", basis: OwnBasis, dated: date, press: Press, at: datetime
) -> Packed:
    """Put the process notes of whoever asks, and nobody else's, into a file of their own.

    :param dated: the day on the authorisation, the order or the request
    :raises AuditUnavailable: as :func:`export_record`
    """
    # Named as a process note, so that colleagues are not told that there are any.
    notes = Named(PROCESS_NOTE, client.pk, client.audit_handle)
    fields = (basis.value, f"of_{dated.isoformat()}")
    begun, done = Act.OWN_EXPORT_BEGUN, Act.OWN_EXPORT_DONE
    return _export(by, client, _Reason(begun, done, notes, basis.purpose, fields, basis.words, is_own=True), press, at)


def _export(by: Actor, client: "Client", reason: _Reason, press: Press, at: datetime) -> Packed:
    target, purpose, fields = reason.target, reason.purpose, reason.fields
    receipt = record_look(reason.begun, by=by, target=target, purpose=purpose, fields=fields, at=at)
    volume = gather(by=by, client=client, receipt=receipt, why=reason.words, own=reason.is_own, at=at)
    packed = pack(volume, press)
    _record_done(by, reason, volume, packed)
    return packed


def _record_done(by: Actor, reason: _Reason, volume: Volume, packed: Packed) -> None:
    outcome = Outcome.OK if packed.is_whole else Outcome.PARTIAL
    enc, fields = SealedDetail(_FILE, packed.spool.sha256), [*reason.fields, *volume.counts]
    with transaction.atomic(durable=True):
        record(
            reason.done,
            by=by,
            target=reason.target,
            purpose=reason.purpose,
            outcome=outcome,
            enc=enc,
            fields=fields,
            at=timezone.now(),
        )
