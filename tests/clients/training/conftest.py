"""Dana in training: Sam supervises her, and reads what she gave him of Robin's record."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from clients.models.training import Supervised, Supervision
from clients.services.supervising import give_to_supervisor, name_supervisor
from keys.models import Grant
from keys.services import key_id_of_holder
from tests.beginnings import beginning
from tests.clients.conftest import Record


def name(record: Record, **changes: Any) -> Supervision:
    """Let the manager name Sam as Dana's supervisor."""
    ids = {"therapist_id": record.cast.dana.user.pk, "supervisor_id": record.cast.sam.user.pk, **changes}
    return name_supervisor(by=record.manager, at=timezone.now(), **ids)


def give(record: Record, **changes: Any) -> Supervised:
    """Let Dana give Sam the keys of Robin's record."""
    sent = {"by": record.dana, "seen": record.mark(record.cast.sam), "at": timezone.now(), **changes}
    return give_to_supervisor(client=record.client, **sent)


def loans(record: Record) -> QuerySet[Grant]:
    """Say which keys of Robin's record Sam holds."""
    key_id = key_id_of_holder(record.cast.sam.user.pk)
    return Grant.objects.filter(vault__subject=record.client.pk, grantee=key_id)


@beginning
def named(record: Record) -> Record:
    """Sam supervises Dana, and has no key."""
    name(record)
    return record


@beginning
def supervised(named: Record) -> Record:
    """The same, and Dana gave him Robin's record."""
    give(named)
    return named
