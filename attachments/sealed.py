"""The sealed columns of this app: where they lie, and what each is bound to."""

from typing import TYPE_CHECKING

from django.db.models import Q

from keys.columns import Texts, bind, register_sealed
from keys.context import Field

if TYPE_CHECKING:
    from attachments.models import Attachment, Piece, Removal
    from keys.services import Place

FACTS = "attachments-facts/v1"
PIECE = "attachments-piece/v1"
ERROR = "attachments-error/v1"
# The columns that each is bound to.
_FACTS = ("id", "client_id", "added_by_id", "added_at", "pieces")
# Behind the number stands of how many, so that a file without its end is none.
_PIECE = ("attachment_id", "attachment.client_id", "number", "attachment.pieces")
_ERROR = ("attachment_id", "removed_by_id", "removed_at")
# A piece is as much work as that many texts.
_WEIGHT = 10


def register() -> None:
    """Declare them."""
    facts = Texts(_of_client, _FACTS, first_hash="ciphertext_sha256")
    pieces, errors = Texts(_of_attachment, _PIECE, weight=_WEIGHT), Texts(_of_attachment, _ERROR)
    register_sealed("attachments.Attachment", "sealed_facts", purpose=FACTS, opened_by=("record",), texts=facts)
    register_sealed("attachments.Piece", "sealed_piece", purpose=PIECE, opened_by=("record",), texts=pieces)
    register_sealed("attachments.Removal", "sealed_error", purpose=ERROR, opened_by=("record",), texts=errors)


def bind_facts(attachment: "Attachment") -> tuple[Field, ...]:
    """Bind what a file is to every other column of its row."""
    return bind(FACTS, attachment, _FACTS)


def bind_piece(piece: "Piece") -> tuple[Field, ...]:
    """Bind a piece to its file, to its place in it, and to how many there are."""
    return bind(PIECE, piece, _PIECE)


def bind_removal(removal: "Removal") -> tuple[Field, ...]:
    """Bind to every other column of the row: a row that somebody wrote into the database hides no file."""
    return bind(ERROR, removal, _ERROR)


def _of_client(place: "Place") -> Q:
    return Q(client=place.subject)


def _of_attachment(place: "Place") -> Q:
    return Q(attachment__client=place.subject)
