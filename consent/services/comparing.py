"""Whether the name that was typed is the name the practice knows."""

import re
import unicodedata
from typing import TYPE_CHECKING

from access.acting import Actor
from audit.services import Receipt
from clients.services.contacts import read_contact
from consent.services.records import NoRecord, find_record, open_record

if TYPE_CHECKING:
    from clients.models import Client

_NOT_A_LETTER = re.compile(r"[\W\d_]+")


def typed_name_differs(*, by: Actor, client: "Client", receipt: Receipt) -> str | None:
    """Return the name that was typed under the limits, if it is another one than the practice's.

    Shown to the therapist, who holds both; it never blocks: people marry, and forms are filled in for children.

    :param receipt: of a look at this client's things
    :raises NoGrant: this reader waits for a key
    """
    try:
        row = find_record(client)
    except NoRecord:
        return None
    typed: str = open_record(by=by, client=client, row=row, receipt=receipt).facts["signer"]["name_typed"]
    known = read_contact(by=by, client=client, receipt=receipt).name
    return typed if _loose(typed) != _loose(known) else None


def _loose(name: str) -> str:
    """Leave out capitals, accents, spaces and marks."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return _NOT_A_LETTER.sub("", "".join(letter for letter in letters if not unicodedata.combining(letter)))
