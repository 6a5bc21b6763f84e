"""A practice's own choices, as a test makes them."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from access.acting import Actor
from consent.kinds import ChangeClass
from consent.services.choosing import Proposal, own_text, preview, publish_choices
from consent.services.publishing import Review
from consent.variables import Choices
from tests.consent import shipped

STATE = "US-OR"


def choose(**use: str) -> Choices:
    return shipped.CATALOGUE.choose(**{"jurisdiction": STATE, **use})


def proposal(*, change: ChangeClass = ChangeClass.MATERIAL, review: Review | None = None, **use: str) -> Proposal:
    """Propose what a manager would who has just looked at the page."""
    choices = choose(**use)
    return Proposal(own_text().text.id, preview(choices).publication.sha256, choices, change, review)


def publish(
    by: Actor,
    *,
    at: datetime | None = None,
    change: ChangeClass = ChangeClass.MATERIAL,
    review: Review | None = None,
    **use: str,
) -> UUID:
    return publish_choices(by=by, proposal=proposal(change=change, review=review, **use), at=at or timezone.now())
