"""Treatment plans, version by version. In the clear stands when each is looked at again; no goal, and no step."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from clients.targets import AboutClient


class Version(AboutClient):
    """A plan as somebody left it. The latest of a client's is the plan; nobody changes one: triggers see to that."""

    # From 1, client by client.
    number = models.PositiveSmallIntegerField()
    author = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    # Nothing where nobody said.
    review_date = models.DateField(null=True)
    sealed_goals = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "number"], name="plans_version_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="plans_version_number_from_1"),
        ]

    @property
    def audit_type(self) -> str:
        return "plans.plan"
