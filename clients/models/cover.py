"""Cover: who may open a client's record while the therapist is away, and each time that somebody did."""

from datetime import date, timedelta
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localdate

from access.targets import LoggedRow
from clients.kinds import OpeningCode
from clients.targets import AboutClient


class Cover(AboutClient):
    """A therapist named a colleague who may open a client's record between two moments, each time with a reason.

    It puts nobody in care. `ended_at` is null while it stands, though its time may be over.
    """

    given_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    colleague = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    arranged_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "colleague"], condition=Q(ended_at__isnull=True), name="covers_once_at_a_time"
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="cover_takes_time"),
            models.CheckConstraint(condition=~Q(given_by=F("colleague")), name="nobody_covers_for_oneself"),
        ]

    @property
    def last_day(self) -> date:
        """The day that it lasts to the end of: nobody reads midnight as the day before."""
        return localdate(self.ends_at - timedelta(microseconds=1))


class Opening(LoggedRow):
    """A colleague opened a record under cover. `until` is when it closed again; a manager looks into each.

    `nonce` is the number of the form, so that one sent twice opens once.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    cover = models.ForeignKey(Cover, on_delete=models.PROTECT, related_name="+")
    nonce = models.UUIDField(unique=True)
    code = models.CharField(max_length=10, choices=[(code.value, code.words) for code in OpeningCode])
    sealed_reason = models.BinaryField()
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    reviewed_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+", null=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=F("opened_at")), name="openings_last_a_while"),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="openings_are_reviewed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def audit_handle(self) -> bytes:
        return self.cover.audit_handle
