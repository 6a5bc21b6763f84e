"""What a row about a client tells the log about itself."""

import uuid
from typing import ClassVar

from django.db import models

from access.targets import LoggedRow


class AboutClient(LoggedRow):
    """A row about one client: it goes when its client's row goes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.id)

    @property
    def audit_handle(self) -> bytes:
        return self.client.audit_handle
