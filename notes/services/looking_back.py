"""Looking back at what a draft held before, and bringing one of these texts back, also of a draft thrown away."""

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from access.acting import Actor, Refusal, service
from audit.acts import Act, Purpose
from audit.services import record, record_look
from notes.formats import Section
from notes.models import Draft, Unsigned, Version
from notes.services.bodies import Fields, seal_draft, unseal_draft, vault_of
from notes.services.drafting import OpenDraft, open_to_write
from notes.services.finding import draft_to_write, drafts_of, no_such_note, versions_of
from notes.services.formatting import find_format
from notes.services.versions import LASTS, facts_of, keep_version, try_unseal


class NotBroughtBack(Refusal):
    """Everything stays as it was; `message` says why."""

    act = Act.NOTE_REFUSED


class AnotherDraft(NotBroughtBack):
    """The author has begun anew about the same moment."""

    message = (
        "You have begun another draft of this kind about the same moment. Finish it, or change when it was; then this "
        "one can come back. Nothing was changed."
    )


class SavedJustNow(NotBroughtBack):
    """The draft was saved while the earlier text was opened."""

    message = "This draft was saved in another window just now. Nothing was changed. Please try once more."


@dataclass(frozen=True, repr=False)
class OpenVersion:
    """A version with its text, after the look was recorded; None where its seal is broken."""

    version: Version
    fields: Fields | None

    @property
    def sections(self) -> list[tuple[Section, str]]:
        """Each section that holds something, with the words a reader sees."""
        fields = self.fields or {}
        sections = find_format(self.version.format).sections
        return [(part, part.shown(fields[part.name])) for part in sections if fields.get(part.name)]

    @property
    def characters(self) -> int:
        return sum(map(len, (self.fields or {}).values()))


@dataclass(frozen=True, repr=False)
class LookedBack:
    """A draft, or what is left of one that was thrown away, and its versions, the newest first."""

    text: Draft | Version
    versions: list[OpenVersion]

    @property
    def is_thrown_away(self) -> bool:
        return isinstance(self.text, Version)


def list_thrown_away(*, by: Actor, at: datetime) -> list[Version]:
    """List the drafts that this person threw away and can bring back, the latest first. Nothing is opened."""
    thrown_away = _versions(by, at).filter(discarded=True).defer("sealed_body")
    return list(thrown_away.order_by("-kept_at"))


@service
def find_text(*, by: Actor, draft_id: UUID, at: datetime) -> Draft | Version:
    """Find a draft of this person's own, or what is left of one that was thrown away.

    :raises AlreadySigned, NoSuchNote: it is not a draft any more, or never was this person's
    """
    return _find(by, draft_id, at)


@service
def look_back(*, by: Actor, draft_id: UUID, at: datetime) -> LookedBack:
    """Record the look, then open every version of a draft.

    :raises AlreadySigned, NoSuchNote: see :func:`find_text`
    """
    text = _find(by, draft_id, at)
    receipt = record_look(Act.DRAFT_LOOKED_BACK, by=by, target=text, purpose=Purpose.TREATMENT, at=at)
    vault = vault_of(by=by, row=text)
    versions = _versions(by, at).filter(draft_id=draft_id).order_by("-saved_at", "-kept_at")
    return LookedBack(text, [OpenVersion(version, try_unseal(vault, version, receipt=receipt)) for version in versions])


@service
def bring_back(*, by: Actor, draft_id: UUID, version_id: UUID, at: datetime) -> None:
    """Let a draft hold an earlier text again. What it holds now becomes a version, so nothing is lost by it.

    A draft that was thrown away is there again as it was, whichever version was asked for.

    :raises AlreadySigned, NoSuchNote: see :func:`find_text`; or the version is gone
    :raises AnotherDraft, SavedJustNow: see there
    :raises SealBroken: the version was altered, or moved here
    """
    text = _find(by, draft_id, at)
    if isinstance(text, Version):
        _revive(by, text, at)
        return
    version = _versions(by, at).filter(draft_id=draft_id, pk=version_id).first()
    if version is None:
        raise no_such_note(draft_id)
    opened = open_to_write(by=by, draft_id=draft_id, at=at)
    fields = unseal_draft(opened.vault, version, receipt=opened.receipt)
    _put_back(by, opened, version.format, fields, at)


def _find(by: Actor, draft_id: UUID, at: datetime) -> Draft | Version:
    thrown_away = _versions(by, at).filter(draft_id=draft_id, discarded=True).first()
    return thrown_away or draft_to_write(by=by, draft_id=draft_id)


def _versions(by: Actor, at: datetime) -> QuerySet[Version]:
    # By the clock, also where nothing tidies up.
    return versions_of(by).filter(kept_at__gte=at - LASTS)


@transaction.atomic(durable=True)
def _put_back(by: Actor, opened: OpenDraft, format_name: str, fields: Fields, at: datetime) -> None:
    after = copy(opened.draft)
    # A page that shows the other text meets another revision and no window of its own, and asks.
    changed = {
        "format": format_name,
        "revision": opened.draft.revision + 1,
        "saved_at": at,
        "kept_at": at,
        "window": None,
    }
    for name, value in changed.items():
        setattr(after, name, value)
    sealed = seal_draft(opened.vault, after, fields)
    current = drafts_of(by).filter(pk=after.pk, revision=opened.draft.revision)
    if not current.update(**changed, sealed_body=sealed):
        raise SavedJustNow(after)
    keep_version(opened.draft, at=at)
    _record(by, after, at)


def _revive(by: Actor, thrown_away: Version, at: datetime) -> None:
    try:
        with transaction.atomic(durable=True):
            gone, _ = versions_of(by).filter(pk=thrown_away.pk).delete()
            if gone:
                draft = Draft(id=thrown_away.draft_id, kept_at=thrown_away.kept_at, **facts_of(thrown_away))
                draft.save(force_insert=True)
                _record(by, draft, at)
    except IntegrityError as taken:
        raise AnotherDraft(thrown_away) from taken


def _record(by: Actor, draft: Unsigned, at: datetime) -> None:
    record(Act.DRAFT_BROUGHT_BACK, by=by, target=draft, purpose=Purpose.TREATMENT, at=at)
