"""A file comes into a record: with its entry, whole, or not at all."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from attachments.facts import Facts
from attachments.incoming import Incoming
from attachments.models import Attachment, Piece
from attachments.naming import clean_name
from attachments.sealed import bind_facts, bind_piece
from audit.acts import Act, Ground
from audit.entries import Basis, SealedDetail
from audit.services import record
from clients.services.purposes import purpose_of
from clients.services.vaults import record_vault
from consent.decide import Allow, Together
from consent.purposes import Purpose
from consent.services.deciding import decide_for
from consent.services.events import lock_client
from keys.services import OpenVault

if TYPE_CHECKING:
    from clients.models import Client


class NotToAttach(Refusal):
    """Not possible now; the page says why."""

    act = Act.ATTACHMENT_REFUSED
    message = "A file cannot be attached to this record now. Nothing was changed."


@dataclass(frozen=True, repr=False)
class NewFile:
    """What somebody attaches. `id` is the form's own number: sent twice, it is one file.

    :param name: as the browser said it
    :param confirmed: names colleagues whose names were on the page
    """

    id: UUID
    name: str
    description: str
    content: Incoming
    confirmed: frozenset[UUID] = frozenset()


@service
@transaction.atomic(durable=True)
def add_attachment(*, by: Actor, client: "Client", new: NewFile, at: datetime) -> Attachment:
    """Seal a file into a record, each piece bound to its place.

    :raises NoSuchClient: no longer in this person's care
    :raises NotToAttach: the gate says no, or it is no file that may be attached
    :raises ReadersNotConfirmed: this makes the record, and the care team is not the one that was shown
    """
    lock_client(by=by, client=client)
    known = Attachment.objects.filter(pk=new.id, client=client).first()
    if known is not None:
        return known
    kind = new.content.kind
    if kind is None or not _is_allowed(client, at):
        raise NotToAttach(client)
    vault = record_vault(by=by, client=client, confirmed=new.confirmed, at=at)
    facts = Facts(clean_name(new.name, kind), new.description, kind, new.content.size, new.content.sha256)
    attachment = _store(by, client, vault, new, facts, at)
    record(
        Act.ATTACHMENT_ADDED,
        by=by,
        target=attachment,
        purpose=purpose_of(by),
        basis=Basis(Ground.CARE),
        enc=SealedDetail.of(bytes(attachment.sealed_facts), key_name="record"),
        at=at,
    )
    return attachment


def _store(by: Actor, client: "Client", vault: OpenVault, new: NewFile, facts: Facts, at: datetime) -> Attachment:
    attachment = Attachment(id=new.id, client=client, added_by=by.user, added_at=at, pieces=new.content.pieces)
    attachment.sealed_facts = vault.seal(facts.to_text(), bound_to=bind_facts(attachment))
    attachment.ciphertext_sha256 = sha256(attachment.sealed_facts).hexdigest()
    attachment.save(force_insert=True)
    for number, content in enumerate(new.content.read(), start=1):
        piece = Piece(attachment=attachment, number=number)
        piece.sealed_piece = vault.seal(content, bound_to=bind_piece(piece))
        piece.save(force_insert=True)
    return attachment


def _is_allowed(client: "Client", at: datetime) -> bool:
    """Ask the gate as for a call or a letter: what comes from outside is no session, and waits for no signature."""
    decision = decide_for(client=client, purpose=Purpose.CONTACT_NOTE, session_at=at, at=at)
    return isinstance(decision, Allow | Together)
