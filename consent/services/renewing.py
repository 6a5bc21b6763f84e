"""What is new in the form, for a client who signed an earlier version of it."""

from typing import TYPE_CHECKING

from consent.difference import Part, compare
from consent.services.publishing import Published, published
from consent.services.records import newest_record

if TYPE_CHECKING:
    from clients.models import Client


def what_is_new(*, client: "Client", text: Published) -> tuple[Part, ...]:
    """Compare the text of today with the one that the client signed last; only the parts that changed.

    :returns: nothing where nothing was signed, or no word is another
    """
    row = newest_record(client)
    if row is None:
        return ()
    parts = compare(published(row.version).publication.text, text.publication.text)
    return tuple(part for part in parts if part.is_changed)
