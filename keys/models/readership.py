"""Carriers of what people signed about who reads a vault, beside the list that each generation was made with."""

from django.db import models


class Reader(models.Model):
    """A signed statement that one more key may read a generation, and what came before it (`reader/v1`).

    It outlives its grant: what a reader gave to others while they were one stays given. An empty `given_by` has the
    service's MAC as its signature, and counts beside a `gen/v1` alone.
    """

    vault = models.ForeignKey("keys.Vault", on_delete=models.PROTECT)
    generation = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    key_id = models.BinaryField(max_length=16)
    cause = models.CharField(max_length=10)
    expires_at = models.DateTimeField(null=True)
    given_by = models.BinaryField(max_length=16)
    given_at = models.DateTimeField()
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.vault_id}/{self.generation}"


class ReaderEnd(models.Model):
    """A signed statement that somebody is a vault's reader no more (`reader-end/v1`), until its key is replaced."""

    vault = models.ForeignKey("keys.Vault", on_delete=models.PROTECT)
    root = models.BinaryField(max_length=32)
    holder = models.UUIDField()
    since = models.DateTimeField()
    issuer = models.BinaryField(max_length=16)
    made_at = models.DateTimeField()
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.vault_id}/{self.holder}"


class Heir(models.Model):
    """A signed statement that a holder's next pair of keys reads what the old one did (`heir/v1`)."""

    root = models.BinaryField(max_length=32)
    holder = models.UUIDField()
    old = models.BinaryField(max_length=16, db_index=True)
    new = models.BinaryField(max_length=16)
    since = models.DateTimeField()
    issuer = models.BinaryField(max_length=32)
    signature = models.BinaryField()

    def __str__(self) -> str:
        return str(self.holder)
