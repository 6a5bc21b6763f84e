"""Files of a record. In the clear stands that there is one, how large, who attached it and when: no name, no kind."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from clients.targets import AboutClient


class Attachment(AboutClient):
    """A file, as it was attached. Nobody changes it: triggers see to that."""

    added_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    pieces = models.PositiveSmallIntegerField()
    ciphertext_sha256 = models.CharField(max_length=64)
    sealed_facts = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["client", "added_at"], name="attachments_by_client")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(pieces__gte=1), name="attachments_attachment_not_empty"),
        ]


class Piece(models.Model):
    """A part of a file's content, from 1 to as many as its row says."""

    attachment = models.ForeignKey("attachments.Attachment", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    sealed_piece = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["attachment", "number"], name="attachments_piece_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="attachments_piece_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.attachment_id}/{self.number}"


class Removal(models.Model):
    """A file was attached in error, and is shown to nobody any more."""

    attachment = models.OneToOneField(
        "attachments.Attachment", on_delete=models.PROTECT, primary_key=True, related_name="removal"
    )
    removed_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField()
    sealed_error = models.BinaryField()

    def __str__(self) -> str:
        return str(self.attachment_id)
