"""Lock 2 for files: those of the records whose notes this person may read."""

from typing import TYPE_CHECKING
from uuid import UUID

from access.acting import Actor, service
from attachments.models import Attachment
from audit.actors import Named
from clients.services.covers import is_reachable
from clients.services.finding import NoSuchClient
from clients.services.therapy import find_record

if TYPE_CHECKING:
    from clients.models import Client


def find_attachment(*, by: Actor, client_id: UUID, attachment_id: UUID) -> Attachment:
    """Find a file, one too that was taken out.

    :raises NoSuchClient, CoverClosed: as :func:`find_record` does; or there is no such file in this record
    """
    return _find(by=by, client=find_record(by=by, client_id=client_id), attachment_id=attachment_id)


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


def is_over(*, by: Actor, client: "Client") -> bool:
    """Say whether the therapy is over, and this person reads a record that they keep."""
    return not is_reachable(by=by, client=client)
