"""The sealed columns of this app: where their texts lie, and what each is bound to."""

from typing import TYPE_CHECKING

from django.db.models import Q

from clients.kinds import ClientKind
from keys.columns import Later, Texts, bind, register_sealed
from keys.context import Field

if TYPE_CHECKING:
    from clients.models import CareLetter, Client
    from clients.models.cover import Opening
    from clients.models.custody import Release, Will
    from clients.models.retention import Extension, Hold
    from keys.services import Place

CONTACT = "client-contact/v1"
LETTER = "client-letter/v1"
HOLD = "clients-hold/v1"
EXTENSION = "clients-extension/v1"
OPENING = "clients-opening/v1"
WISHES = "clients-wishes/v1"
RELEASE = "clients-release/v1"

# The columns that each is bound to.
_CONTACT = ("id", Later("kind", silent=ClientKind.ONE))
_LETTER = ("id", "client_id", "written_at")
_HOLD = ("id", "client_id")
_EXTENSION = ("id", "client_id", "until")
_OPENING = ("id", "cover_id", "code")
_WISHES = ("id", "therapist_id", "custodian_id")
_RELEASE = ("id", "will_id", "step", "why")


def register() -> None:
    """Declare them."""
    contacts, letters = Texts(_is_client, _CONTACT), Texts(_of_client, _LETTER)
    register_sealed("clients.Client", "sealed_contact", purpose=CONTACT, opened_by=("contact",), texts=contacts)
    register_sealed("clients.CareLetter", "sealed_text", purpose=LETTER, opened_by=("shared",), texts=letters)
    # Why a record is kept: for the managers who decide, and the care team.
    holds, longer = Texts(_of_client, _HOLD), Texts(_of_client, _EXTENSION)
    register_sealed("clients.Hold", "sealed_reason", purpose=HOLD, opened_by=("contact",), texts=holds)
    register_sealed("clients.Extension", "sealed_reason", purpose=EXTENSION, opened_by=("contact",), texts=longer)
    # Why a record was opened under cover: for the care team, and the managers who look into it.
    openings = Texts(_of_covered, _OPENING)
    register_sealed("clients.Opening", "sealed_reason", purpose=OPENING, opened_by=("contact",), texts=openings)
    # What a therapist wants done, and why somebody says that they cannot act.
    wishes, reasons = Texts(_of_therapist, _WISHES), Texts(_is_release, _RELEASE)
    register_sealed("clients.Will", "sealed_wishes", purpose=WISHES, opened_by=("will",), texts=wishes)
    register_sealed("clients.Release", "sealed_reason", purpose=RELEASE, opened_by=("release",), texts=reasons)


def bind_contact(client: "Client") -> tuple[Field, ...]:
    """Bind to the client, and to whether several people come in this record: no row says so later of one person's."""
    return bind(CONTACT, client, _CONTACT)


def bind_letter(letter: "CareLetter") -> tuple[Field, ...]:
    """Bind to the letter's own row and to whom it is for."""
    return bind(LETTER, letter, _LETTER)


def bind_hold(hold: "Hold") -> tuple[Field, ...]:
    """Bind to the hold's own row and to whose record it holds."""
    return bind(HOLD, hold, _HOLD)


def bind_extension(extension: "Extension") -> tuple[Field, ...]:
    """Bind to the row and to whose record is kept, and until when."""
    return bind(EXTENSION, extension, _EXTENSION)


def bind_opening(opening: "Opening") -> tuple[Field, ...]:
    """Bind to the opening's own row, to the cover that allowed it, and to its reason from the list."""
    return bind(OPENING, opening, _OPENING)


def bind_wishes(will: "Will") -> tuple[Field, ...]:
    """Bind to the will's own row and to both people: whoever puts another custodian there cannot have it released."""
    return bind(WISHES, will, _WISHES)


def bind_release(release: "Release") -> tuple[Field, ...]:
    """Bind to the release's own row, to the will, and to what is asked for and why."""
    return bind(RELEASE, release, _RELEASE)


def _is_client(place: "Place") -> Q:
    return Q(pk=place.subject)


def _of_client(place: "Place") -> Q:
    return Q(client=place.subject)


def _of_covered(place: "Place") -> Q:
    return Q(cover__client=place.subject)


def _of_therapist(place: "Place") -> Q:
    return Q(therapist=place.subject)


def _is_release(place: "Place") -> Q:
    return Q(pk=place.subject)
