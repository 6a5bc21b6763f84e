"""Drafts, which their author goes on writing, and notes, which nobody changes: triggers see to that."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from audit.words import PROCESS_NOTE
from notes.kinds import NEEDS_NOTHING, NEEDS_SIGNATURE, NoteKind

# Three days: from Thursday's session to Sunday evening. Later, memory is no longer a record of its own.
LATE_AFTER = timedelta(hours=72)
_HEX_SHA256 = 64


def _is_one_of(kinds: Iterable[NoteKind]) -> Q:
    # Plain words, so that migrations do not change with the enum's own name.
    return Q(kind__in=sorted(kind.value for kind in kinds))


def _what_allowed_it(name: str) -> models.CheckConstraint:
    signature, override = Q(consent_basis__isnull=False), Q(consent_override__isnull=False)
    return models.CheckConstraint(
        condition=(_is_one_of(NEEDS_SIGNATURE) & signature & ~override)
        | (_is_one_of([NoteKind.EMERGENCY]) & ((signature & ~override) | (override & ~signature)))
        | (_is_one_of(NEEDS_NOTHING) & ~override),
        name=name,
    )


class Written(models.Model):
    """What drafts and notes have in common. Every column here is bound into the sealed body."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    # The name of the sections, see `notes.formats`.
    format = models.CharField(max_length=20)
    session_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(null=True)
    revision = models.PositiveIntegerField(default=0)
    sealed_body = models.BinaryField()
    # What the gate answered with: the event of a signature, or of an emergency reason.
    consent_basis = models.ForeignKey("consent.Event", on_delete=models.PROTECT, null=True, related_name="+")
    consent_override = models.ForeignKey("consent.Event", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)

    @property
    def note_kind(self) -> NoteKind:
        return NoteKind(self.kind)

    @property
    def began_before_signature(self) -> bool:
        """Whether the signature that it rests on was given in the same visit, after the session had begun."""
        return self.consent_basis is not None and self.session_at < self.consent_basis.at

    @property
    def audit_type(self) -> str:
        return PROCESS_NOTE if self.note_kind.is_process else "notes.note"

    @property
    def audit_uuid(self) -> UUID:
        return self.id

    @property
    def audit_handle(self) -> bytes:
        return self.client.audit_handle


class Draft(Written):
    """A note that is being written. Nobody but its author is shown it, or that it is there."""

    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            # A form sent twice, or a second tab, goes on with the same draft.
            models.UniqueConstraint(fields=["client", "author", "kind", "session_at"], name="notes_draft_once"),
            _what_allowed_it("notes_draft_was_allowed"),
        ]

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was ever saved into it."""
        return self.saved_at == self.begun_at


class Note(Written):
    """A note as it was signed. It keeps the id of its draft, so that signing twice meets itself."""

    written_at = models.DateTimeField()
    signed_at = models.DateTimeField()
    # Of the sealed body; the entry of the signature commits to it too.
    ciphertext_sha256 = models.CharField(max_length=64)
    # The author's, over the hash of the text and everything above.
    signature = models.BinaryField()
    signed_with = models.BinaryField(max_length=16)

    class Meta:
        indexes = [models.Index(fields=["client", "session_at"], name="notes_note_by_client")]
        constraints = [
            _what_allowed_it("notes_note_was_allowed"),
            models.CheckConstraint(
                condition=Exact(Length("ciphertext_sha256"), _HEX_SHA256), name="notes_note_sha256_is_hex"
            ),
        ]

    @property
    def is_late(self) -> bool:
        return self.signed_at - self.session_at > LATE_AFTER
