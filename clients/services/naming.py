"""How clients are called where nobody is signed in, at the terminal: by code, and those who are hidden not at all."""

from collections.abc import Collection, Iterator
from uuid import UUID

from clients.models import Client
from clients.services.parting import part_handles


def find_named(name: str) -> Client | None:
    """Find a client by code or id; who is kept from managers is found no more than who does not exist."""
    known = Client.objects.filter(hidden=False)
    try:
        return known.filter(pk=UUID(name)).first()
    except ValueError:
        return known.filter(code=name.strip().upper()).first()


def codes_of_subjects(client_ids: Collection[UUID]) -> dict[UUID, str]:
    """Look up codes by the client's own id."""
    return dict(Client.objects.filter(hidden=False, pk__in=client_ids).values_list("pk", "code"))


def codes_of_accounts(user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Look up codes by the account that the client signs in with."""
    return dict(Client.objects.filter(hidden=False, user__in=user_ids).values_list("user_id", "code"))


def known_among(subjects: Collection[UUID]) -> set[UUID]:
    """Say which of these are not about a client who is kept from managers."""
    return set(subjects) - set(Client.objects.filter(hidden=True, pk__in=subjects).values_list("pk", flat=True))


def part_subjects(client_ids: Collection[UUID]) -> Iterator[list[bytes]]:
    """Part the log handles of clients for entries in each one's log, see :func:`part_handles`."""
    return part_handles(Client.objects.filter(pk__in=client_ids))
