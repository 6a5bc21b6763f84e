"""Robin’s record in a practice that allows restricted ones, and such a one."""

import pytest
from django.utils import timezone

from access.acting import Actor
from access.models import Practice
from clients.models import Client
from clients.services.restricting import lift_restriction, restrict_record
from keys.services import Place, VaultKind
from tests.clients.conftest import Record


def restrict(record: Record, by: Actor | None = None) -> None:
    restrict_record(by=by or record.dana, client=record.client, at=timezone.now())


def lift(record: Record, by: Actor | None = None) -> None:
    lift_restriction(by=by or record.dana, client=record.client, at=timezone.now())


def contact_of(record: Record) -> Place:
    return Place(VaultKind.CONTACT, record.client.pk)


def is_hidden(record: Record) -> bool:
    return Client.objects.get(pk=record.client.pk).hidden


@pytest.fixture
def allowed(record: Record) -> Record:
    Practice.objects.update(hidden_clients=True)
    return record


@pytest.fixture
def restricted(allowed: Record) -> Record:
    restrict(allowed)
    return Record(allowed.cast, Client.objects.get(pk=allowed.client.pk))
