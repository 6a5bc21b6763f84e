"""The sealed column of this app: where its texts lie, and what each is bound to."""

from typing import TYPE_CHECKING

from django.db.models import Q

from keys.columns import Texts, bind, register_sealed
from keys.context import Field

if TYPE_CHECKING:
    from keys.services import Place
    from plans.models import Version

GOALS = "plans-goals/v1"
_GOALS = ("id", "client_id", "number", "author_id", "written_at", "review_date")


def register() -> None:
    """Declare it."""
    texts = Texts(_of_client, _GOALS)
    register_sealed("plans.Version", "sealed_goals", purpose=GOALS, opened_by=("record",), texts=texts)


def bind_goals(version: "Version") -> tuple[Field, ...]:
    """Bind to every other column of the row: no version moves to another client, number, author or day."""
    return bind(GOALS, version, _GOALS)


def _of_client(place: "Place") -> Q:
    return Q(client=place.subject)
