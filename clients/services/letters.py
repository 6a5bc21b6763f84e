"""Letters to a client when their care changes: who looks after them now, and that they sign nothing again."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils.text import get_text_list

from access.acting import Actor
from access.services.addresses import open_address
from access.services.mailing import mail_news
from audit.acts import Act
from audit.services import Receipt, record_look
from clients.models import Care, CareLetter, Client
from clients.models.cover import Opening
from clients.models.custody import Handed
from clients.models.training import Supervised
from clients.sealed import bind_letter
from clients.services.purposes import purpose_of
from clients.services.vaults import holds_shared_key, shared_vault
from keys.errors import NoGrant


@dataclass(frozen=True)
class ReadLetter:
    """A letter as the client reads it. `is_new`: this is the first time."""

    at: datetime
    text: str
    is_new: bool


@dataclass(frozen=True)
class Counted:
    """Whether there are letters, and how many the client has not read yet."""

    has_any: bool
    new: int


def write_letter(*, by: Actor, client: Client, text: str, at: datetime) -> None:
    """Write to a client that their care changed. Belongs inside the caller's transaction, before keys are taken back.

    A client without an account has no page to read it on. The mail, where the practice has mail, says nothing but
    that there is something to read, and goes out once the change is kept.

    :param text: what changed; left out where the writer holds no key that the client shares
    """
    if client.user is None:
        return
    letter = CareLetter(client=client, written_at=at)
    if holds_shared_key(by=by, client=client):
        letter.sealed_text = shared_vault(by=by, client=client).seal(text, bound_to=bind_letter(letter))
    letter.save(force_insert=True)
    address = open_address(client.user.sealed_email, row=client.user.pk)
    transaction.on_commit(lambda: mail_news(address))


def browse_letters(*, by: Actor, client: Client, at: datetime) -> list[ReadLetter]:
    """Open the letters to the client who asks, newest first; the look stands in the log first.

    :raises SealBroken: one was altered, or is another client's
    """
    receipt = record_look(Act.CARE_LETTER_READ, by=by, target=client, purpose=purpose_of(by), at=at)
    letters = list(CareLetter.objects.filter(client=client).order_by("-written_at"))
    read = [ReadLetter(row.written_at, _text_of(by, row, receipt), row.read_at is None) for row in letters]
    CareLetter.objects.filter(client=client, read_at=None).update(read_at=at)
    return read


def count_letters(*, client: Client) -> Counted:
    """Count the letters to a client, and those not read yet."""
    counts = CareLetter.objects.filter(client=client).aggregate(written=Count("pk"), read=Count("read_at"))
    return Counted(counts["written"] > 0, counts["written"] - counts["read"])


def _text_of(by: Actor, letter: CareLetter, receipt: Receipt) -> str:
    if letter.sealed_text is None:
        return _fixed(letter)
    try:
        vault = shared_vault(by=by, client=letter.client)
    except NoGrant:
        # A client with new keys waits for this one; who looks after them is no secret until then.
        return _fixed(letter)
    return vault.unseal(letter.sealed_text, bound_to=bind_letter(letter), receipt=receipt)


def _fixed(letter: CareLetter) -> str:
    if Opening.objects.filter(cover__client=letter.client, opened_at=letter.written_at).exists():
        return "A colleague who covers for your therapist opened your record. See who opened your record, and why."
    if Handed.objects.filter(client=letter.client, given_at=letter.written_at).exists():
        return "Somebody whom your therapist chose for a day like this can reach you now. See who can open your record."
    if _is_about_supervision(letter):
        return "Who supervises your therapist and may read your notes has changed. See who can open your record."
    then = Q(started_at__lte=letter.written_at) & (Q(ended_at=None) | Q(ended_at__gt=letter.written_at))
    care = Care.objects.filter(then, client=letter.client).order_by("started_at")
    team = get_text_list(list(care.values_list("therapist__display_name", flat=True)), "and")
    return f"Who looks after you has changed. From this day on: {team or 'nobody for the moment'}."


def _is_about_supervision(letter: CareLetter) -> bool:
    given, ended = Q(given_at=letter.written_at), Q(ended_at=letter.written_at)
    began = Q(started_at=letter.written_at)
    # Where a care changed at the same moment, that is what has to be said.
    changed = Care.objects.filter(began | ended, client=letter.client).exists()
    return not changed and Supervised.objects.filter(given | ended, client=letter.client).exists()
