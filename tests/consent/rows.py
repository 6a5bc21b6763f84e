"""Rows of this app, ready to be saved, with whatever a test wants otherwise."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from clients.models import Client
from consent.kinds import ChangeClass, DocumentKind, EventKind
from consent.models import Event, Record, Version
from consent.services.publishing import sign_version
from tests.cast import ClientPerson

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def client() -> Client:
    return Client.objects.create(sealed_contact=b"sealed", made_at=AT)


def version(**changes: Any) -> Version:
    facts: dict[str, Any] = {
        "kind": DocumentKind.CONFIDENTIALITY,
        # No number that the practice of the cast has published.
        "version": "9.0.0",
        "lang": "en-US",
        "variant": "individual",
        "jurisdiction": "US",
        "title": "What stays private",
        "text": "# What stays private\n",
        "sha256": "ab" * 32,
        "screens": [],
        "questions": {},
        "meaning": "I have read this.",
        "variables": {},
        "change_class": ChangeClass.MATERIAL,
        "effective_at": AT,
        "published_by": UUID(int=1),
        "published_at": AT,
    }
    return Version(**{**facts, **changes})


def newer_version(of: UUID, **changes: Any) -> Version:
    """Publish the words of a version once more, under the next number, from now on."""
    newer = Version.objects.get(pk=of)
    facts = {"pk": uuid4(), "version": "1.1.0", "effective_at": timezone.now(), **changes}
    for name, value in facts.items():
        setattr(newer, name, value)
    newer.signature = sign_version(newer)
    newer.save(force_insert=True)
    return newer


def event(kind: EventKind, **changes: Any) -> Event:
    return Event(**{"kind": kind, "at": AT, "by": UUID(int=2), "nonce": uuid4(), **changes})


def record(signed: Event, **changes: Any) -> Record:
    facts: dict[str, Any] = {
        "client": signed.client,
        "version": signed.version,
        "event": signed,
        "sealed_envelope": b"sealed",
        "ciphertext_sha256": "cd" * 32,
        "reference": "7K3QM-2XD9P",
        "signed_at": AT,
    }
    return Record(**{**facts, **changes})


def kept_of(client: ClientPerson) -> list[tuple[object, ...]]:
    """List everything that stands in the database about the form of one client's record."""
    events = Event.objects.filter(client=client.client_id).order_by("pk").values_list()
    forms = Record.objects.filter(client=client.client_id).order_by("pk").values_list()
    return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row) for row in (*events, *forms)]
