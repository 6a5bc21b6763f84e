"""How long records are kept: what forbids to destroy one, what was decided, and what remains of one that is gone."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from access.targets import LoggedRow
from clients.targets import AboutClient

_HEX_SHA256 = 64


class Hold(AboutClient):
    """A reason not to destroy a record, such as a lawsuit; it stands until somebody lifts it."""

    sealed_reason = models.BinaryField()
    set_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+", null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(lifted_by=None, lifted_at=None) | Q(lifted_by__isnull=False, lifted_at__isnull=False),
                name="holds_are_lifted_by_somebody",
            ),
        ]


class Extension(AboutClient):
    """A record is kept longer than the practice's own time, at least to the end of `until`."""

    sealed_reason = models.BinaryField()
    until = models.DateField()
    decided_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()


class Destruction(AboutClient):
    """A decision to destroy a record, which anybody entitled undoes until it is carried out, after `due_at`."""

    decided_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    due_at = models.DateTimeField()
    undone_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+", null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client"], condition=Q(undone_at__isnull=True), name="one_decision_to_destroy"
            ),
            models.CheckConstraint(
                condition=Q(undone_by=None, undone_at=None) | Q(undone_by__isnull=False, undone_at__isnull=False),
                name="decisions_are_undone_by_somebody",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("decided_at")), name="destruction_can_be_undone"),
        ]


class Tombstone(LoggedRow):
    """What remains of a record that was destroyed: random ids, dates, hashes. The table only grows.

    The guards of notes and consents let rows of a client go once there is a row of it here, and never else.

    :ivar complete_at: from when no backup of keys that Subrosa made opens it any more
    :ivar fingerprint: see :func:`keys.services.fingerprint_of_destroyed`
    """

    client_id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=6)
    hidden = models.BooleanField()
    decided_by = models.UUIDField()
    decided_at = models.DateTimeField()
    destroyed_at = models.DateTimeField()
    complete_at = models.DateTimeField()
    vaults = models.PositiveIntegerField()
    grants = models.PositiveIntegerField()
    texts = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=_HEX_SHA256)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Exact(Length("fingerprint"), _HEX_SHA256), name="fingerprint_of_destroyed_is_hex"
            ),
            models.CheckConstraint(
                condition=Q(destroyed_at__gt=F("decided_at"), complete_at__gt=F("destroyed_at")),
                name="destruction_takes_its_time",
            ),
        ]

    def __str__(self) -> str:
        return self.code
