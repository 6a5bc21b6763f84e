"""Supervision of a colleague in training: who answers for their work, and whose records they gave to that one."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from access.targets import LoggedRow
from clients.targets import AboutClient


class Supervision(LoggedRow):
    """A manager named who supervises a therapist. It gives nobody a key: only the therapist can do that."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    therapist = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    supervisor = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["therapist"], condition=Q(ended_at__isnull=True), name="one_supervisor_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(therapist=F("supervisor")), name="nobody_supervises_oneself"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Supervised(AboutClient):
    """A client whose record a therapist in training gave to their supervisor, until it ends, or the keys do."""

    supervision = models.ForeignKey(Supervision, on_delete=models.PROTECT, related_name="clients")
    given_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["supervision", "client"], condition=Q(ended_at__isnull=True), name="supervised_once_at_a_time"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("given_at")), name="supervised_for_a_while"),
        ]
