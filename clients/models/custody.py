"""A professional will: whom a therapist named for the day they cannot act, and each step of its release."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from access.targets import LoggedRow
from clients.kinds import Step, Why
from clients.targets import AboutClient


class Will(LoggedRow):
    """A therapist named a colleague as custodian. It gives nobody a key.

    `sealed_wishes` lies in the therapist's own vault and names the custodian too; it is emptied when the will ends.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    therapist = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    custodian = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    sealed_wishes = models.BinaryField()
    named_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["therapist"], condition=Q(ended_at__isnull=True), name="one_will_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(therapist=F("custodian")), name="nobody_is_their_own_custodian"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Release(LoggedRow):
    """One step of a will's release: asked for, confirmed by somebody else, free after the waiting time, then given.

    `by_sheets`: in a practice where nobody else could confirm, enough of the printed codes did. `until` is when the
    keys that were given end by themselves. `ended_at` is null while it stands; `ended_by` is who stopped it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    will = models.ForeignKey(Will, on_delete=models.PROTECT, related_name="releases")
    step = models.CharField(max_length=10, choices=[(step.value, step.words) for step in Step])
    why = models.CharField(max_length=10, choices=[(why.value, why.words) for why in Why])
    sealed_reason = models.BinaryField()
    asked_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+", null=True)
    confirmed_at = models.DateTimeField(null=True)
    by_sheets = models.BooleanField(default=False)
    free_at = models.DateTimeField(null=True)
    given_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+", null=True)
    given_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["will", "step"], condition=Q(ended_at__isnull=True), name="one_release_of_a_step"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(by_sheets=True) | ~Q(confirmed_by=F("asked_by")),
                name="two_people_release",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None, free_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, free_at__isnull=False),
                name="the_waiting_time_begins_when_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(given_by=None, given_at=None, until=None)
                | Q(given_by__isnull=False, free_at__lte=F("given_at"), free_at__isnull=False, until__gt=F("given_at")),
                name="nothing_is_given_before_the_waiting_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Handed(AboutClient):
    """A client whom a custodian reaches by a release, until it ends, or this client's care by the therapist does."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="handed")
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["release", "client"], name="handed_once"),
        ]
