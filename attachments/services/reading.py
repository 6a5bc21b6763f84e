"""Looking at files: their names, and what is in them. The look stands in the log before anything opens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from access.acting import Actor, Refusal, service
from attachments.facts import Facts
from attachments.kinds import Error
from attachments.models import Attachment, Piece, Removal
from attachments.sealed import bind_facts, bind_piece, bind_removal
from attachments.services.finding import attachments_of, look_at
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.services.contacts import label_of
from keys.errors import KeysError, SealBroken
from keys.services import OpenVault, Place, VaultKind, open_vault

if TYPE_CHECKING:
    from clients.models import Client


class TakenOut(Refusal):
    """What was attached in error is shown to nobody any more."""

    act = Act.ATTACHMENT_REFUSED
    message = "This file was taken out of the record. It is shown no more."


@dataclass(frozen=True, repr=False)
class Opened:
    """A file as a page names it.

    :param facts: what it is; None where that does not open, or it was taken out
    :param error: why it was taken out
    """

    attachment: Attachment
    facts: Facts | None
    error: Error | None = None

    @property
    def removal(self) -> Removal | None:
        return removal_of(self.attachment)


@dataclass(frozen=True, repr=False)
class Content:
    """What is in a file: whole, as every piece of it showed before the first one leaves."""

    facts: Facts
    pieces: Iterator[bytes]


@dataclass(frozen=True, repr=False)
class Reader:
    """An open record, under a look that stands in the log."""

    vault: OpenVault
    receipt: Receipt

    @classmethod
    def of(cls, by: Actor, client: "Client", receipt: Receipt) -> "Reader":
        """Open a client's record.

        :raises NoGrant, KeyRefused: this person does not hold its key, or it is not one we can vouch for
        """
        return cls(open_vault(by=by.keys, place=Place(VaultKind.RECORD, client.pk)), receipt)

    def open(self, attachment: Attachment) -> Opened:
        """Open what a file is; of one that was taken out, only why.

        :raises SealBroken: altered, or moved here
        """
        removal = removal_of(attachment)
        if removal is not None:
            error = self.vault.unseal(removal.sealed_error, bound_to=bind_removal(removal), receipt=self.receipt)
            return Opened(attachment, None, Error(error))
        return Opened(attachment, self.facts(attachment))

    def facts(self, attachment: Attachment) -> Facts:
        """Open what a file is.

        :raises SealBroken: altered, or moved here
        """
        sealed, first = attachment.sealed_facts, attachment.ciphertext_sha256
        text = self.vault.unseal(sealed, bound_to=bind_facts(attachment), receipt=self.receipt, first_hash=first)
        return Facts.of_text(text)

    def pieces(self, attachment: Attachment) -> Iterator[bytes]:
        """Open the content piece by piece, one of which is in memory at a time.

        :raises SealBroken: a piece is missing, was altered, or stands in another one's place
        """
        for number in range(1, attachment.pieces + 1):
            piece = Piece.objects.filter(attachment=attachment, number=number).first()
            if piece is None:
                raise SealBroken
            piece.attachment = attachment
            yield self.vault.unseal_bytes(piece.sealed_piece, bound_to=bind_piece(piece), receipt=self.receipt)

    def content(self, attachment: Attachment) -> Content:
        """Open all of it once, so that what is not whole does not begin to leave; then give it piece by piece.

        :raises SealBroken: see :meth:`pieces`; or it is not what was attached
        """
        facts, seen = self.facts(attachment), sha256()
        for piece in self.pieces(attachment):
            seen.update(piece)
        if seen.hexdigest() != facts.sha256:
            raise SealBroken
        return Content(facts, self.pieces(attachment))


def browse_attachments(*, by: Actor, client: "Client", at: datetime) -> tuple[str, list[Opened]]:
    """Record the look, then open what each file of a record is, the newest first; their contents stay closed.

    :returns: the client's name, or the code while this therapist waits for that key, and the files
    """
    receipt = record_look(Act.ATTACHMENT_LISTED, by=by, target=client, at=at, **look_at(by=by, client=client))
    rows = attachments_of(client).values()
    reader = Reader.of(by, client, receipt) if rows else None
    return label_of(by=by, client=client, receipt=receipt), [_open(reader, row) for row in rows if reader]


def look_at_attachment(*, by: Actor, attachment: Attachment, at: datetime) -> tuple[str, Opened]:
    """Record the look, then open what a file is; its content stays closed.

    :returns: the client's name, or the code while this therapist waits for that key, and the file
    :raises SealBroken: altered, or moved here
    """
    client = attachment.client
    receipt = record_look(Act.ATTACHMENT_LISTED, by=by, target=attachment, at=at, **look_at(by=by, client=client))
    opened = Reader.of(by, client, receipt).open(attachment)
    return label_of(by=by, client=client, receipt=receipt), opened


@service
def read_attachment(*, by: Actor, attachment: Attachment, at: datetime) -> Content:
    """Record the look, then open the content of a file.

    :raises TakenOut: it was attached in error
    :raises SealBroken: it is not what was attached, whole; nothing of it leaves
    """
    if removal_of(attachment) is not None:
        raise TakenOut(attachment)
    client = attachment.client
    receipt = record_look(Act.ATTACHMENT_READ, by=by, target=attachment, at=at, **look_at(by=by, client=client))
    return Reader.of(by, client, receipt).content(attachment)


def removal_of(attachment: Attachment) -> Removal | None:
    """Find that a file was taken out, if it was."""
    removal: Removal | None = getattr(attachment, "removal", None)
    return removal


def _open(reader: Reader, attachment: Attachment) -> Opened:
    try:
        return reader.open(attachment)
    except KeysError:
        # The page names it; the others are read all the same.
        return Opened(attachment, None)
