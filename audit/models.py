"""The log's two tables. Triggers, not code, keep them append-only (migration 0002)."""

from django.db import models


class Entry(models.Model):
    """One act. `body` is the entry; every other column only helps to find it, and is checked against it."""

    uid = models.UUIDField(unique=True)
    body = models.BinaryField()
    leaf = models.BinaryField(max_length=32)
    mac = models.BinaryField(max_length=32)
    at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=40)
    actor_id = models.CharField(max_length=40, blank=True)
    role = models.CharField(max_length=20)
    outcome = models.CharField(max_length=10)
    obj_type = models.CharField(max_length=60, blank=True)
    obj_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["action", "id"], name="audit_entry_action"),
            models.Index(fields=["actor_id", "id"], name="audit_entry_actor"),
            models.Index(fields=["obj_id", "id"], name="audit_entry_obj"),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class EntrySubject(models.Model):
    """That an entry is about a client, by the client's log handle: an index, the body says the same."""

    # No foreign keys, in or out: an entry outlives whatever it describes.
    entry_id = models.BigIntegerField()
    handle = models.BinaryField(max_length=16)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handle", "entry_id"], name="audit_entrysubject_once"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}/{bytes(self.handle).hex()}"
