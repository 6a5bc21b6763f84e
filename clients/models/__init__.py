"""Who the clients are and whose care they are in. What names a person is sealed; code and handle name nobody."""

import secrets
import uuid
from base64 import b32encode
from typing import ClassVar

from django.db import models
from django.db.models import Q

from access.targets import LoggedRow
from clients.kinds import ClientKind
from clients.models.cover import Cover, Opening  # noqa: F401 (models, in a file of their own)
from clients.models.custody import Handed, Release, Will  # noqa: F401 (models, in a file of their own)
from clients.models.reach import Closed, Reach  # noqa: F401 (models, in a file of their own)
from clients.models.retention import Destruction, Extension, Hold, Tombstone  # noqa: F401 (models, in a file of their own)
from clients.models.training import Supervised, Supervision  # noqa: F401 (models, in a file of their own)
from clients.models.units import Member  # noqa: F401 (a model, in a file of its own)


def draw_code() -> str:
    """Draw six random base32 characters, by which staff and log name a client."""
    return b32encode(secrets.token_bytes(5)).decode("ascii")[:6]


def draw_handle() -> bytes:
    """Draw the 16 bytes that tie log entries to a client for as long as the client's row keeps them."""
    return secrets.token_bytes(16)


class Client(LoggedRow):
    """A client. `hidden` records are known to nobody but their care team, managers included.

    `kind`: one person, or a couple, family or group, which nobody signs in as.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=6, unique=True, default=draw_code)
    log_handle = models.BinaryField(max_length=16, unique=True, default=draw_handle)
    kind = models.CharField(max_length=6, default=ClientKind.ONE.value)
    user = models.ForeignKey("access.User", on_delete=models.PROTECT, null=True)
    hidden = models.BooleanField(default=False)
    sealed_contact = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ClientKind]), name="clients_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind=ClientKind.ONE.value) | Q(user=None), name="nobody_signs_in_as_several"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_unit(self) -> bool:
        """Whether several people come together in this record."""
        return self.kind != ClientKind.ONE

    @property
    def audit_handle(self) -> bytes:
        return bytes(self.log_handle)


class Care(LoggedRow):
    """A client is in a therapist's care from one day on, until it ends.

    `keeps_record`: it ended because the therapy is over, and the therapist goes on holding the keys.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="care")
    therapist = models.ForeignKey("access.User", on_delete=models.PROTECT)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    keeps_record = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["client", "therapist"], condition=Q(ended_at__isnull=True), name="in_care_once"
            ),
            models.UniqueConstraint(fields=["client", "therapist"], condition=Q(keeps_record=True), name="kept_once"),
            models.CheckConstraint(
                condition=Q(keeps_record=False) | Q(ended_at__isnull=False), name="kept_after_care_only"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def audit_handle(self) -> bytes:
        return self.client.audit_handle


class CareLetter(models.Model):
    """What the practice wrote to a client when their care changed.

    `sealed_text` lies in `shared`. It is missing where whoever changed the care holds no key to that: the page then
    says in fixed words that something changed, and who cares for the client now.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+")
    sealed_text = models.BinaryField(null=True)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)
