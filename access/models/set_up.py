"""What a set-up ceremony in a browser keeps between its pages."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class SetUp(models.Model):
    """The one set-up that is allowed or under way: its one-time code, then what was typed, sealed. In no backup.

    `ceremony` is drawn when the code is used. Before that there is nothing sealed, afterwards no code.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    code_mac = models.BinaryField(max_length=32)
    ceremony = models.UUIDField(null=True)
    sealed_progress = models.BinaryField(default=b"")
    valid_until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="only_one_set_up"),
            models.CheckConstraint(
                condition=Q(ceremony__isnull=True, sealed_progress=b"") | Q(ceremony__isnull=False, code_mac=b""),
                name="a_used_set_up_code_is_gone",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
