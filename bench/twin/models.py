"""People, clients and notes in the clear, and who asked for what."""
# ruff: noqa: DJ008 (nobody prints these rows)

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models

from notes.kinds import NoteKind


class User(AbstractUser):
    display_name = property(AbstractUser.get_short_name)


class Client(models.Model):
    objects: "models.Manager[Client]" = models.Manager()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.CharField(max_length=6)
    name = models.CharField(max_length=100)
    therapist = models.ForeignKey(User, on_delete=models.PROTECT)


class Note(models.Model):
    objects: "models.Manager[Note]" = models.Manager()
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    client = models.ForeignKey(Client, on_delete=models.PROTECT)
    author = models.ForeignKey(User, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    format = models.CharField(max_length=20)
    session_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    revision = models.PositiveIntegerField()
    texts = models.JSONField()
    written_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)

    @property
    def note_kind(self) -> NoteKind:
        return NoteKind(self.kind)


class Access(models.Model):
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    path = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)
