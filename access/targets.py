"""What a row tells the log about itself."""

from typing import ClassVar
from uuid import UUID

from django.db import models


class LoggedRow(models.Model):
    """A row that log entries may name, by its model and its own id. It is about no client, unless it says so."""

    class Meta:
        abstract: ClassVar[bool] = True

    @property
    def audit_type(self) -> str:
        return self._meta.label_lower

    @property
    def audit_uuid(self) -> UUID:
        return UUID(str(self.pk))

    @property
    def audit_handle(self) -> bytes | None:
        return None
