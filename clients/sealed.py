"""The sealed columns of this app: where their texts lie, and what each is bound to."""

from typing import TYPE_CHECKING

from django.db.models import Q

from keys.columns import Texts, register_sealed
from keys.context import Field

if TYPE_CHECKING:
    from clients.models import CareLetter, Client
    from keys.services import Place

CONTACT = "client-contact/v1"
LETTER = "client-letter/v1"


def register() -> None:
    """Declare them."""
    contacts, letters = Texts(_is_client, bind_contact), Texts(_of_client, bind_letter)
    register_sealed("clients.Client", "sealed_contact", purpose=CONTACT, opened_by=("contact",), texts=contacts)
    register_sealed("clients.CareLetter", "sealed_text", purpose=LETTER, opened_by=("shared",), texts=letters)


def bind_contact(client: "Client") -> tuple[Field, ...]:
    """Bind to the client."""
    return (CONTACT, client.pk)


def bind_letter(letter: "CareLetter") -> tuple[Field, ...]:
    """Bind to the letter's own row and to whom it is for."""
    return (LETTER, letter.id, letter.client_id, letter.written_at)


def _is_client(place: "Place") -> Q:
    return Q(pk=place.subject)


def _of_client(place: "Place") -> Q:
    return Q(client=place.subject)
