"""Who belongs to a couple, a family or a group: people who are each a client of their own."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q


class Member(models.Model):
    """Somebody belongs to a unit from one moment on, until they leave. It goes when either record goes."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    unit = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="members")
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="belongs")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "client"], condition=Q(left_at=None), name="belongs_once"),
            models.CheckConstraint(condition=~Q(unit=F("client")), name="nothing_belongs_to_itself"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("joined_at")), name="nobody_leaves_before_joining"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
