"""What a note about several people rests on: that each of them had signed, held to each one's own record."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from access.acting import Actor
from audit.acts import Act
from audit.services import record
from clients.services.purposes import purpose_of
from consent.decide import Elsewhere, Together
from consent.kinds import EventKind
from consent.models import Event
from consent.services.records import require_signed

if TYPE_CHECKING:
    from clients.models import Client


def require_all_signed(*, by: Actor, decision: Together) -> None:
    """Hold each signature that the gate went by to its record.

    :raises SignatureUnproven: one of them is nobody's
    """
    for client_id, basis in decision.bases.items():
        # What was signed elsewhere has no record to be held to, as for one person.
        if not isinstance(basis, Elsewhere) and basis.basis is not None:
            require_signed(by=by, subject=client_id, signature=basis.basis)


def note_all_signed(*, by: Actor, unit: "Client", decision: Together, at: datetime) -> UUID:
    """Keep that everybody had signed, as an event of the unit's own, which notes rest on. Belongs in a transaction.

    The same signatures are one event. It names nobody: its number is a hash of theirs.

    :returns: the event's id
    """
    signed = ",".join(sorted(str(basis.basis) for basis in decision.bases.values()))
    nonce = uuid5(unit.pk, f"{EventKind.ALL_SIGNED} {signed}")
    facts = {"client": unit, "kind": EventKind.ALL_SIGNED, "nonce": nonce}
    # Of two notes that are signed at once, one makes it, and the other rests on the same.
    event, is_new = Event.objects.get_or_create(**facts, defaults={"by": by.user.pk, "at": at})
    if is_new:
        record(Act.CONSENT_TOGETHER, by=by, target=event, purpose=purpose_of(by), at=at)
    return event.id
