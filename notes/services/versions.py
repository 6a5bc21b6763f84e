"""What a draft held before: kept while it is written, sealed as it lay, for sixty days at most."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from audit.actors import System
from audit.acts import Act
from audit.services import Receipt, record
from clients.services.finding import standing_holds
from keys.errors import SealBroken
from keys.services import OpenVault
from notes.models import Draft, Unsigned, Version
from notes.services.bodies import Fields, seal_draft, unseal_draft

LASTS = timedelta(days=60)
# A note is written in eight minutes: one version on the way, one before each later sitting.
_SPACING = timedelta(minutes=5)
# In characters: a passage that was cut or pasted over; and a sentence, which whoever holds Backspace passes many times.
_MUCH, _A_SENTENCE, _SOON = 200, 40, timedelta(seconds=30)
_FACTS = tuple(field.attname for field in Unsigned._meta.local_fields if not field.primary_key)


def is_due(draft: Draft, *, gone: int | None, at: datetime) -> bool:
    """Say whether what a draft holds is to be kept before the next text takes its place.

    :param gone: how many of its characters the next text does not have any more; None where nobody counted
    """
    if draft.is_untouched:
        return False
    since = at - (draft.kept_at or draft.begun_at)
    if gone is None or gone >= _MUCH:
        return True
    return since >= _SPACING or (gone >= _A_SENTENCE and since >= _SOON)


def keep_version(draft: Draft, *, discarded: bool = False, at: datetime) -> Version:
    """Keep what a draft holds, before it holds something else. Belongs inside the transaction of that change.

    Its ciphertext is kept as it lies: nothing is opened for it.
    """
    return Version.objects.create(draft_id=draft.pk, discarded=discarded, kept_at=at, **facts_of(draft))


def set_aside(vault: OpenVault, draft: Draft, fields: Fields, *, receipt: Receipt, at: datetime) -> None:
    """Keep a text that a draft did not take, because it holds another window's: its own window may be gone by now.

    :param receipt: of the look at the draft, for the text that was set aside last: the same twice is kept once
    """
    last = Version.objects.filter(draft_id=draft.pk, aside=True).order_by("-kept_at").first()
    if last is not None and try_unseal(vault, last, receipt=receipt) == fields:
        return
    facts = facts_of(draft) | {"saved_at": at}
    version = Version(draft_id=draft.pk, aside=True, kept_at=at, **facts)
    version.sealed_body = seal_draft(vault, version, fields)
    version.save(force_insert=True)


def try_unseal(vault: OpenVault, version: Version, *, receipt: Receipt) -> Fields | None:
    """Open a version; None where its seal is broken: one text that was tampered with keeps no other from its author."""
    try:
        return unseal_draft(vault, version, receipt=receipt)
    except SealBroken:
        return None


def facts_of(text: Unsigned) -> dict[str, Any]:
    """Return what a draft and its versions have in common: the ciphertext, and all that it is bound to but the id."""
    return {name: getattr(text, name) for name in _FACTS}


def forget_versions(draft: Draft) -> None:
    """Let the versions of a draft go with its signature. A legal hold keeps them until it is lifted."""
    if not standing_holds([draft.client_id]).exists():
        Version.objects.filter(draft_id=draft.pk).delete()


def forget_old_versions(*, at: datetime) -> int:
    """Remove the versions whose time is over, but for those of records under a legal hold. Needs no key.

    :returns: how many were removed
    """
    old = Version.objects.filter(kept_at__lt=at - LASTS)
    clients: set[UUID] = set(old.values_list("client", flat=True))
    free = clients - set(standing_holds(clients).values_list("client", flat=True))
    # Asked first: where there is nothing to do, nobody waits for whoever writes.
    if not free:
        return 0
    with transaction.atomic(durable=True):
        removed, _ = old.filter(client__in=free).delete()
        if removed:
            record(Act.DRAFT_VERSIONS_EXPIRED, by=System(), at=at)
    return removed
