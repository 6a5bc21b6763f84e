"""The practice's own choices in the text: what stands now, what would stand, and publishing it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from access.acting import Actor, Refusal, service
from access.services.people import names_of_staff
from audit.acts import Act
from consent.difference import Part, compare
from consent.kinds import ChangeClass, DocumentKind
from consent.models import Version
from consent.publication import Publication, render
from consent.readability import Grade, grade
from consent.services.deciding import VARIANT
from consent.services.publishing import (
    Edition,
    Published,
    Review,
    publish_version,
    published,
    shipped_choices,
    shipped_text,
)
from consent.variables import Choices

_FOLDER = "confidentiality"


class ChoicesRefused(Refusal):
    """Nothing was published; what was chosen is still on the page."""

    act = Act.CONSENT_REFUSED


class Overtaken(ChoicesRefused):
    """Somebody published another version after this page was opened."""

    message = (
        "A colleague published a version while you were choosing, so nothing of yours was published. Your choices are "
        "kept. Below, they are compared with your colleague’s version: look at it again before you publish."
    )


class NotSeen(ChoicesRefused):
    """The text that would be published is not the one that was on the page."""

    message = "You changed a choice after the text was shown. Here it is as it would be now; nothing was published."


class NothingChanged(ChoicesRefused):
    """The text and its review are those that are published already."""

    message = "This is word for word the text that is published, with the same review. There is nothing to publish."


class ClockBehind(ChoicesRefused):
    """By this computer's clock the last version is not published yet: a version of today would never be in force."""

    message = (
        "The clock of the practice’s computer is behind the moment the last version was published. Please have it put "
        "right first; nothing was published."
    )


@dataclass(frozen=True)
class OwnText:
    """The published text as its practice sees it.

    :param use: the options it was published with, by topic
    :param review: by whom and when, or None: no counsel has looked at it
    :param published_by: a name, empty where the person is no longer known
    """

    text: Published
    jurisdiction: str
    use: Mapping[str, str]
    review: Review | None
    published_at: datetime
    published_by: str
    earlier: tuple[Version, ...]

    @property
    def is_chosen(self) -> bool:
        """Whether the practice chose it: until then it is the shipped text, which names no state."""
        return self.jurisdiction != shipped_choices().jurisdiction


@dataclass(frozen=True)
class Preview:
    """A text that is not published yet: all of it, what would change, and how hard it is to read."""

    publication: Publication
    parts: tuple[Part, ...]
    grade: Grade

    @property
    def is_changed(self) -> bool:
        return any(part.is_changed for part in self.parts)


@dataclass(frozen=True)
class Proposal:
    """What a manager wants published.

    :param base: the version that was in force when the page was shown
    :param seen: the hash of the text that was on the page
    :param change: what it means for those who signed; a text whose words are the same is always editorial
    """

    base: UUID
    seen: str
    choices: Choices
    change: ChangeClass
    review: Review | None


def own_text() -> OwnText:
    """Find the published text of the limits. There is one: a practice is founded with the shipped text."""
    newest, *earlier = _versions()
    return OwnText(
        text=published(newest),
        jurisdiction=newest.jurisdiction,
        use=shipped_choices().chosen(newest.variables),
        review=_review(newest),
        published_at=newest.published_at,
        published_by=names_of_staff({newest.published_by}).get(newest.published_by, ""),
        earlier=tuple(earlier),
    )


def find_text(version: str) -> Publication | None:
    """Find the text that was published under a number."""
    row = next((row for row in _versions() if row.version == version), None)
    return published(row).publication if row else None


def preview(choices: Choices) -> Preview:
    """Show what these choices would publish, against what is published."""
    rendered = _render(choices)
    text = rendered.text.replace("#", "").replace("**", "")
    return Preview(rendered, compare(own_text().text.publication.text, rendered.text), grade(text))


@service
@transaction.atomic(durable=True)
def publish_choices(*, by: Actor, proposal: Proposal, at: datetime) -> UUID:
    """Publish the text with a practice's own choices, as a new version. The same form sent twice is one version.

    :returns: the version's id
    :raises Overtaken, NotSeen, NothingChanged, ClockBehind, ReviewTooOld: see there; nothing was published
    """
    # One at a time: who waits here finds the other's version in the next line.
    Version.objects.select_for_update().filter(pk=proposal.base).first()
    newest, sha256 = _versions()[0], _render(proposal.choices).sha256
    is_same = newest.sha256 == sha256 and _review(newest) == proposal.review
    if newest.pk != proposal.base:
        if is_same and newest.published_by == by.user.pk:
            return newest.pk
        raise Overtaken
    if sha256 != proposal.seen:
        raise NotSeen
    if at < newest.effective_at:
        raise ClockBehind
    if is_same:
        raise NothingChanged
    change = ChangeClass.EDITORIAL if newest.sha256 == sha256 else proposal.change
    document = replace(shipped_text(_FOLDER), version=next_version(newest.version, change))
    edition = Edition(document, proposal.choices, change, proposal.review)
    return publish_version(by=by, publication=edition, at=at).pk


def next_version(version: str, change: ChangeClass) -> str:
    """Count on: the last number where no word changes, else the middle one."""
    major, minor, patch = map(int, version.split("."))
    return f"{major}.{minor}.{patch + 1}" if change is ChangeClass.EDITORIAL else f"{major}.{minor + 1}.0"


def _versions() -> list[Version]:
    """List all published texts of the limits, the newest first, whatever a clock says."""
    rows = Version.objects.filter(kind=DocumentKind.CONFIDENTIALITY, variant=VARIANT)
    return list(rows.order_by("-effective_at", "-published_at"))


def _review(version: Version) -> Review | None:
    day: date | None = version.counsel_review_date
    return Review(version.counsel_reviewed_by, day) if day else None


def _render(choices: Choices) -> Publication:
    return render(shipped_text(_FOLDER), choices.values)
