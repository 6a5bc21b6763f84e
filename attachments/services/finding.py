"""Lock 2 for files: those of the records whose notes this person may read."""

from typing import TYPE_CHECKING
from uuid import UUID

from access.acting import Actor, service
from attachments.models import Attachment
from audit.actors import Named
from audit.acts import Ground, Purpose
from audit.entries import Basis, Details
from clients.services.covers import is_reachable
from clients.services.custody import find_handed, handed_to
from clients.services.finding import NoSuchClient, in_care_of
from clients.services.purposes import purpose_of
from clients.services.therapy import find_record

if TYPE_CHECKING:
    from clients.models import Client


def find_filed(*, by: Actor, client_id: UUID) -> "Client":
    """Find a client whose files this person may read: as :func:`find_record` says, or as custodian after a release.

    :raises NoSuchClient, CoverClosed: see :func:`find_record`
    """
    in_care = in_care_of(by).filter(client=client_id).exists()
    if not in_care and handed_to(by).filter(client=client_id).exists():
        return find_handed(by=by, client_id=client_id).client
    return find_record(by=by, client_id=client_id)


def find_attachment(*, by: Actor, client_id: UUID, attachment_id: UUID) -> Attachment:
    """Find a file, one too that was taken out.

    :raises NoSuchClient, CoverClosed: as :func:`find_filed` does; or there is no such file in this record
    """
    return _find(by=by, client=find_filed(by=by, client_id=client_id), attachment_id=attachment_id)


# A record that is not theirs is in the log by then: each refusal is there once.
@service
def _find(*, by: Actor, client: "Client", attachment_id: UUID) -> Attachment:  # noqa: ARG001 (who asks, for the log)
    found = attachments_of(client).get(attachment_id)
    if found is None:
        raise NoSuchClient(Named("attachments.attachment", attachment_id))
    return found


def attachments_of(client: "Client") -> dict[UUID, Attachment]:
    """List the files of a record by id, the newest first, those too that were taken out. Nothing is opened."""
    rows = Attachment.objects.filter(client=client).select_related("client", "added_by", "removal__removed_by")
    return {row.pk: row for row in rows.order_by("-added_at")}


def look_at(*, by: Actor, client: "Client") -> Details:
    """Say for the log why this person looks into a record, and what lets them where that is a release."""
    if is_reachable(by=by, client=client):
        return {"purpose": purpose_of(by)}
    # Whoever keeps a record since its therapy ended, or winds a practice up, treats nobody by reading in it.
    details: Details = {"purpose": Purpose.OPERATIONS}
    if is_handed(by=by, client=client):
        details["basis"] = Basis(Ground.CUSTODY, find_handed(by=by, client_id=client.pk).release_id)
    return details


def is_handed(*, by: Actor, client: "Client") -> bool:
    """Say whether this person reads a record as custodian, and only so."""
    return not is_reachable(by=by, client=client) and handed_to(by).filter(client=client.pk).exists()
