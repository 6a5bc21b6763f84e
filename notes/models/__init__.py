"""Drafts, with what they held before; notes and addenda, which nobody changes: triggers see to that."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from audit.words import ADDENDUM, NOTE, PROCESS_ADDENDUM, PROCESS_NOTE
from clients.targets import AboutClient
from consent.kinds import EventKind
from notes.kinds import NoteKind
from notes.models.cosigning import Cosignature, Wish  # noqa: F401 (models, in a file of their own)
from notes.models.formats import OwnFormat  # noqa: F401 (a model, in a file of its own)
from notes.models.rules import has_hash, is_somewhere, next_is_after, what_allowed_it
from notes.places import SessionPlace
from notes.reasons import AddendumReason

# Three days: from Thursday's session to Sunday evening. Later, memory is no longer a record of its own.
LATE_AFTER = timedelta(hours=72)


class Written(AboutClient):
    """What drafts, notes and addenda have in common. Every column here is bound into the sealed body."""

    author = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    # The name of the sections, see `notes.formats`.
    format = models.CharField(max_length=72)
    session_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(null=True)
    # Of `notes.places`; empty where nobody said.
    place = models.CharField(max_length=10, default="")
    revision = models.PositiveIntegerField(default=0)
    sealed_body = models.BinaryField()
    # What the gate answered with: the event of a signature, or of an emergency reason.
    consent_basis = models.ForeignKey("consent.Event", on_delete=models.PROTECT, null=True, related_name="+")
    consent_override = models.ForeignKey("consent.Event", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def note_kind(self) -> NoteKind:
        return NoteKind(self.kind)

    @property
    def label(self) -> str:
        """What it is, in a word or two."""
        return self.note_kind.label

    @property
    def place_label(self) -> str:
        return SessionPlace(self.place).label if self.place else ""

    def is_late_at(self, moment: datetime) -> bool:
        """Say whether it is a late entry if it is signed at that moment."""
        return not self.is_imported and moment - self.session_at > LATE_AFTER

    @property
    def is_imported(self) -> bool:
        """Whether it was written before, elsewhere: its author here is who brought it in.

        Of its moment only the day is known.
        """
        return self.kind == NoteKind.IMPORTED

    @property
    def began_before_signature(self) -> bool:
        """Whether the signature that it rests on was given in the same visit, after the session had begun."""
        basis = self.consent_basis
        elsewhere = self.rests_on_elsewhere or self.rests_on_all
        return basis is not None and not elsewhere and self.session_at < basis.at

    @property
    def rests_on_elsewhere(self) -> bool:
        """Whether what it rests on is a paper that the client signed before, elsewhere."""
        return self.consent_basis is not None and self.consent_basis.kind == EventKind.SIGNED_ELSEWHERE

    @property
    def rests_on_all(self) -> bool:
        """Whether it rests on the signatures of everybody who belongs to a couple, family or group."""
        basis = self.consent_basis
        # One person signs for themselves: such an event of theirs is nobody's signature.
        return basis is not None and basis.kind == EventKind.ALL_SIGNED and self.client.is_unit

    @property
    def audit_type(self) -> str:
        return PROCESS_NOTE if self.note_kind.is_process else NOTE

    @property
    def text_id(self) -> UUID:
        """Which text it is: a draft, what it held before, and what it becomes are one."""
        return self.id

    @property
    def audit_uuid(self) -> UUID:
        return self.text_id


class Unsigned(Written):
    """What a draft holds, or held. Nobody but its author is shown it, or that it is there."""

    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    # When the client comes again; nothing where nobody said.
    next_at = models.DateTimeField(null=True)
    # The note that this will be added to, whose kind, moment and basis it shares; none where it becomes a note.
    amends = models.ForeignKey("notes.Note", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def label(self) -> str:
        """What it is, in a word or two."""
        return "Addendum" if self.amends_id else super().label

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was ever saved into it."""
        return self.saved_at == self.begun_at

    @property
    def audit_type(self) -> str:
        return _addendum_type(self) if self.amends_id else super().audit_type


class Draft(Unsigned):
    """A note or an addendum that is being written."""

    # When a version was kept last.
    kept_at = models.DateTimeField(null=True)
    # The page that saved last, by a number that it drew for itself, and how often it had saved.
    window = models.UUIDField(null=True)
    turn = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            # A form sent twice, or a second tab, goes on with the same draft.
            models.UniqueConstraint(
                fields=["client", "author", "kind", "session_at"],
                condition=Q(amends__isnull=True),
                name="notes_draft_once",
            ),
            models.UniqueConstraint(fields=["amends", "author"], name="notes_draft_addendum_once"),
            # Nobody writes a past note here; they add to one.
            what_allowed_it("notes_draft_was_allowed", imported=Q(amends__isnull=False)),
            is_somewhere("notes_draft_is_somewhere"),
            next_is_after("notes_draft_next_is_after"),
        ]

    def facts_to_sign(self, *, at: datetime) -> dict[str, Any]:
        """Return what is signed with the text, but for what it rests on."""
        return {
            "id": self.id,
            "client": self.client,
            "author_id": self.author_id,
            "kind": self.kind,
            "format": self.format,
            "session_at": self.session_at,
            "minutes": self.minutes,
            "place": self.place,
            "revision": self.revision,
            "written_at": self.saved_at,
            "signed_at": at,
        }


class Version(Unsigned):
    """A text that a draft held, or was sent and did not take. It goes after a while, and with the signature."""

    # No foreign key: of a draft that was thrown away this is all that is left.
    draft_id = models.UUIDField()
    # Another window sent it upon a text that the draft held no more; the draft never held this one. The seal binds it.
    aside = models.BooleanField(default=False)
    # What the draft held when it was thrown away.
    discarded = models.BooleanField(default=False)
    # Since when this is not what the draft holds.
    kept_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["draft_id"], name="notes_version_of_draft"),
            models.Index(fields=["kept_at"], name="notes_version_by_age"),
        ]
        constraints = [
            is_somewhere("notes_version_is_somewhere"),
            next_is_after("notes_version_next_is_after"),
            models.CheckConstraint(condition=Q(aside=False) | Q(discarded=False), name="notes_version_was_held"),
            # A draft is thrown away once, and brought back before it can be again.
            models.UniqueConstraint(
                fields=["draft_id"], condition=Q(discarded=True), name="notes_version_discarded_once"
            ),
        ]

    @property
    def text_id(self) -> UUID:
        return self.draft_id


class Signed(Written):
    """What was signed. It keeps the id of its draft, so that signing twice meets itself."""

    written_at = models.DateTimeField()
    signed_at = models.DateTimeField()
    # Of the sealed body; the entry of the signature commits to it too.
    ciphertext_sha256 = models.CharField(max_length=64)
    # The author's, over the hash of the text and everything above.
    signature = models.BinaryField()
    signed_with = models.BinaryField(max_length=16)

    class Meta:
        abstract = True

    @property
    def key_name(self) -> str:
        """Whose key opens it, as an entry names it."""
        return "process" if self.note_kind.is_process else "record"


class Note(Signed):
    """A note as it was signed."""

    # How far it has come with a co-signature, where a list of notes says so (`notes.services.cosigning`).
    cosigning: object = None

    next_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["client", "session_at"], name="notes_note_by_client")]
        constraints = [
            what_allowed_it("notes_note_was_allowed", imported=Q(minutes__isnull=True)),
            is_somewhere("notes_note_is_somewhere"),
            next_is_after("notes_note_next_is_after"),
            has_hash("notes_note_sha256_is_hex"),
        ]

    @property
    def is_late(self) -> bool:
        return self.is_late_at(self.signed_at)

    @property
    def is_withdrawn(self) -> bool:
        return hasattr(self, "withdrawal")


class Withdrawal(models.Model):
    """That a note was written for somebody else. Its text stays sealed, and no page shows it any more."""

    note = models.OneToOneField(Note, on_delete=models.PROTECT, primary_key=True, related_name="withdrawal")
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+")
    # The note's own: nobody else can say for whom it was written.
    author = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField()
    # The author's, over everything above and the hash of the sealed note.
    signature = models.BinaryField()
    signed_with = models.BinaryField(max_length=16)

    def __str__(self) -> str:
        return str(self.note_id)


class Addendum(Signed):
    """What was added to a signed note later: it shares the note's kind, moment and basis, and has its own author."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="addenda")
    # From 1, note by note. The author's signature covers it, the reason, and the hash of the sealed note.
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "number"], name="notes_addendum_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="notes_addendum_number_from_1"),
            models.CheckConstraint(
                condition=Q(reason__in=sorted(reason.value for reason in AddendumReason)),
                name="notes_addendum_has_reason",
            ),
            is_somewhere("notes_addendum_is_somewhere"),
            has_hash("notes_addendum_sha256_is_hex"),
        ]

    @property
    def label(self) -> str:
        """What it is, with its number."""
        return f"Addendum {self.number}"

    @property
    def audit_type(self) -> str:
        return _addendum_type(self)


def _addendum_type(row: Written) -> str:
    return PROCESS_ADDENDUM if row.note_kind.is_process else ADDENDUM
