"""Publishing a text: rendered once, signed, stored for good, and given back to the pages as it was published."""

import functools
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.timezone import localdate

from access.acting import Actor, Refusal
from audit.acts import Act
from audit.services import record
from consent.document import Document, Question
from consent.envelope import pre_authentication
from consent.kinds import ChangeClass, DocumentKind, SectionKind
from consent.limits import Limit
from consent.models import Version
from consent.publication import Publication, Screen, render, shows_what_is_hashed
from consent.record import DocumentFacts
from consent.services.deciding import VARIANT, current_version
from consent.source import parse
from consent.statement import columns_of, write_statement
from consent.variables import Catalogue, Choices, read_catalogue
from keys.errors import SealBroken
from keys.services import sign_as_practice, verify_as_practice

_CONTENT = Path(settings.BASE_DIR) / "content" / "consent"
_LANGUAGE = "en-US"
_SIGNED_AS = "application/vnd.subrosa.consent-version+json"
# A review by counsel says little about the law of a later year.
_REVIEW_HOLDS = timedelta(days=365)


class AlreadyPublished(Refusal):
    """A published version never changes: a change is a new version."""

    act = Act.CONSENT_REFUSED
    message = "This version is published already. Give the changed text a new version number."


class ReviewTooOld(Refusal):
    """Counsel looked at it more than a year ago, or in the future."""

    act = Act.CONSENT_REFUSED
    message = "The review by counsel has to be of the last twelve months."


class NothingPublished(Refusal):
    """The practice has no text that a client could read."""

    act = Act.CONSENT_REFUSED
    message = "Your practice has not published this form yet. Please ask them."


class TextAltered(SealBroken):
    """A stored version is not as it was published: the practice did not sign it so, or another text."""


@dataclass(frozen=True)
class Review:
    """Who reviewed the text for this practice and state, and on which day."""

    by: str
    on: date


@dataclass(frozen=True)
class Edition:
    """What is published: a text, the practice's choices in it, and what it means for those who signed before."""

    document: Document
    choices: Choices
    change: ChangeClass = ChangeClass.MATERIAL
    review: Review | None = None


@dataclass(frozen=True)
class Published:
    """A published text as pages and records need it."""

    id: UUID
    facts: DocumentFacts
    publication: Publication
    is_reviewed: bool

    @property
    def screens(self) -> tuple[Screen, ...]:
        return self.publication.screens


def publish_version(*, by: Actor, publication: Edition, at: datetime) -> Version:
    """Render a text and store it for good. Belongs inside the caller's transaction.

    :raises TextRefused: a variable is missing, empty, unknown, or more than plain words
    :raises AlreadyPublished, ReviewTooOld: see there
    """
    document, review = publication.document, publication.review
    if review and not localdate(at) - _REVIEW_HOLDS <= review.on <= localdate(at):
        raise ReviewTooOld
    values = {name: value for name, value in publication.choices.values.items() if name in document.variables}
    version = _row(render(document, values), publication, values)
    same = {"kind": version.kind, "version": version.version, "lang": version.lang, "variant": version.variant}
    if Version.objects.filter(**same, jurisdiction=version.jurisdiction).exists():
        raise AlreadyPublished
    version.published_by, version.published_at, version.effective_at = by.user.pk, at, at
    version.signature = sign_version(version)
    version.save(force_insert=True)
    record(Act.CONSENT_PUBLISHED, by=by, target=version, at=at)
    return version


def sign_version(version: Version) -> bytes:
    """Sign a version as it is about to be stored, with the practice's record key: 64 bytes of Ed25519."""
    return sign_as_practice("record", statement_of(version))


def require_as_published(version: Version) -> None:
    """Hold a stored version to the practice's signature, which covers every column of it.

    :raises TextAltered: somebody else wrote this row, or altered it
    :raises KeyRefused: the practice's key file is missing or altered
    """
    if not verify_as_practice("record", bytes(version.signature), statement_of(version)):
        raise TextAltered


def statement_of(version: Version) -> bytes:
    """Write a version as the bytes that the practice signs: every column but the signature, as one JSON text."""
    payload = write_statement(columns_of(version, without={"signature"}))
    return pre_authentication(_SIGNED_AS, payload)


def load_model_text(*, by: Actor, at: datetime) -> None:
    """Publish the shipped texts with the shipped choices. Belongs inside the transaction that founds the practice.

    No counsel has reviewed them: the pages of the staff say so until a reviewed version is published.
    """
    choices = shipped_choices().choose()
    for folder in ("confidentiality", "screen_forms"):
        publish_version(by=by, publication=Edition(shipped_text(folder), choices), at=at)


@functools.cache
def shipped_choices() -> Catalogue:
    """Read what a practice can choose in the shipped texts."""
    return read_catalogue((_CONTENT / "choices.toml").read_text(encoding="utf-8"))


@functools.cache
def shipped_text(folder: str) -> Document:
    """Read a shipped text, variables still open; `folder` is its place in `content/consent/`."""
    return parse((_CONTENT / folder / f"{_LANGUAGE}.md").read_text(encoding="utf-8"))


def current_text(kind: DocumentKind, *, at: datetime) -> Published:
    """Find what a client reads now.

    :raises NothingPublished: the practice has no such text in force
    """
    row = current_version(at=at, kind=kind)
    if row is None:
        raise NothingPublished
    return published(row)


def published(row: Version) -> Published:
    """Take a stored version apart again.

    :raises TextAltered: it is not as it was published; nobody reads it or signs it then
    """
    require_as_published(row)
    facts = DocumentFacts(
        DocumentKind(row.kind), row.version, row.lang, row.variant, row.jurisdiction, sha256=row.sha256
    )
    publication = Publication(
        title=row.title,
        text=row.text,
        sha256=row.sha256,
        intro_html=row.intro_html,
        screens=tuple(map(_screen, row.screens)),
        questions={Limit(code): _question(stored) for code, stored in row.questions.items()},
        for_you_label=row.for_you_label,
        meaning=row.meaning,
        still_to_discuss=row.still_to_discuss,
    )
    if not shows_what_is_hashed(publication):
        raise TextAltered
    return Published(row.pk, facts, publication, bool(row.counsel_reviewed_by))


def _row(rendered: Publication, edition: Edition, values: dict[str, str]) -> Version:
    document, review = edition.document, edition.review
    return Version(
        kind=document.kind,
        version=document.version,
        lang=document.lang,
        variant=VARIANT,
        jurisdiction=edition.choices.jurisdiction,
        title=rendered.title,
        text=rendered.text,
        sha256=rendered.sha256,
        intro_html=rendered.intro_html,
        screens=[asdict(screen) for screen in rendered.screens],
        questions={code.value: asdict(question) for code, question in rendered.questions.items()},
        for_you_label=rendered.for_you_label,
        meaning=rendered.meaning,
        still_to_discuss=rendered.still_to_discuss,
        variables=values,
        change_class=edition.change,
        counsel_reviewed_by=review.by if review else "",
        counsel_review_date=review.on if review else None,
    )


def _screen(stored: dict[str, object]) -> Screen:
    return Screen(**{**stored, "code": Limit(stored["code"]), "kind": SectionKind(stored["kind"])})  # type: ignore[arg-type]


def _question(stored: dict[str, object]) -> Question:
    return Question(**{**stored, "wrong": tuple(stored["wrong"])})  # type: ignore[arg-type]
