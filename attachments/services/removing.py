"""A file that was attached in error: a line stays where it was, and nobody is shown it any more."""

from datetime import datetime

from django.db import transaction

from access.acting import Actor, service
from attachments.kinds import Error
from attachments.models import Attachment, Removal
from attachments.sealed import bind_removal
from attachments.services.finding import attachments_of
from attachments.services.reading import removal_of
from audit.acts import Act, Purpose
from audit.entries import SealedDetail
from audit.services import record
from consent.services.events import lock_client
from keys.services import Place, VaultKind, open_vault


@service
@transaction.atomic(durable=True)
def remove_attachment(*, by: Actor, attachment: Attachment, error: Error, at: datetime) -> Removal:
    """Take a file out of a record. Taken out twice, the first time stays.

    It stays sealed where it is for as long as the record is kept: what was filed is not destroyed.

    :raises NoSuchClient: the client is not, or no longer, in this person's care
    :raises KeyRefused, NoGrant: the record does not open to this person
    """
    client = attachment.client
    lock_client(by=by, client=client)
    known = removal_of(attachments_of(client)[attachment.pk])
    if known is not None:
        return known
    vault = open_vault(by=by.keys, place=Place(VaultKind.RECORD, client.pk))
    removal = Removal(attachment=attachment, removed_by=by.user, removed_at=at)
    # Sealed, so that only who holds the key can hide a file.
    removal.sealed_error = vault.seal(error.value, bound_to=bind_removal(removal))
    removal.save(force_insert=True)
    enc = SealedDetail.of(bytes(removal.sealed_error), key_name="record")
    # To put a record in order is no treatment of the client.
    record(Act.ATTACHMENT_REMOVED, by=by, target=attachment, purpose=Purpose.OPERATIONS, enc=enc, at=at)
    return removal
