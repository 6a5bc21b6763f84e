"""Published texts, what happened with them, and the signed records. All of it only grows: triggers see to that."""

from collections.abc import Iterable
from enum import StrEnum
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from access.targets import LoggedRow
from consent.kinds import SECTION_EVENTS, SIGNATURES, ChangeClass, DocumentKind, EmergencyCode, EventKind
from consent.timeline import Step

_HEX_SHA256 = 64
# What these say, they say about one version of the text; so does whatever names a section.
_NEEDS_VERSION = {EventKind.SECTION_DONE, *SIGNATURES, EventKind.DECLINED}
_ENDS = {EventKind.OVERRIDE_OPENED, EventKind.SIGNED_ELSEWHERE}
_MAY_HAVE_UNTIL = {*_ENDS, EventKind.SUPERSEDED}


def _is_one_of(field: str, words: Iterable[StrEnum]) -> Q:
    # Plain words, so that migrations do not change with the enum's own name.
    return Q(**{f"{field}__in": sorted(word.value for word in words)})


def _known(field: str, words: Iterable[StrEnum], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=_is_one_of(field, words), name=name)


def _sha256_hex(field: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Exact(Length(field), _HEX_SHA256), name=name)


class Version(LoggedRow):
    """A text as it was published: the bytes that clients sign and what the pages need around them."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=40)
    # Semantic: what changed is said by `change_class`, not guessed from the number.
    version = models.CharField(max_length=20)
    lang = models.CharField(max_length=20)
    variant = models.CharField(max_length=40)
    jurisdiction = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    # Markdown, NFC, line feeds: the hash is over these bytes.
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    intro_html = models.TextField(blank=True)
    # Lists of `publication.Screen` and of questions by code, as JSON.
    screens = models.JSONField()
    questions = models.JSONField()
    for_you_label = models.CharField(max_length=80, blank=True)
    meaning = models.TextField()
    still_to_discuss = models.CharField(max_length=80, blank=True)
    variables = models.JSONField()
    change_class = models.CharField(max_length=20)
    effective_at = models.DateTimeField()
    # Empty for the shipped text, until counsel has reviewed it: the pages of the staff say so.
    counsel_reviewed_by = models.CharField(max_length=200, blank=True)
    counsel_review_date = models.DateField(null=True, blank=True)
    published_by = models.UUIDField()
    published_at = models.DateTimeField()
    # By the practice's record key, over every other column: a row that anybody else wrote is shown to nobody.
    signature = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "version", "lang", "variant", "jurisdiction"], name="consent_version_once"
            ),
            _known("kind", DocumentKind, "consent_version_kind_known"),
            _known("change_class", ChangeClass, "consent_version_change_known"),
            _sha256_hex("sha256", "consent_version_sha256_is_hex"),
            models.CheckConstraint(
                condition=Q(counsel_reviewed_by="", counsel_review_date=None)
                | (~Q(counsel_reviewed_by="") & Q(counsel_review_date__isnull=False)),
                name="consent_version_review_named_and_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version} {self.lang} {self.variant} {self.jurisdiction}"


class Event(LoggedRow):
    """One thing that happened between a client and a text, without a word of what was said."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="consent_events")
    kind = models.CharField(max_length=30)
    section = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    # A holder or a user: who acted, not about whom.
    by = models.UUIDField()
    version = models.ForeignKey("consent.Version", on_delete=models.PROTECT, null=True, related_name="+")
    # The form's own number: the same form sent twice is one event.
    nonce = models.UUIDField(unique=True)
    until = models.DateTimeField(null=True)
    # Of an answer, what it answers: so that what waits can be counted without opening anything.
    question = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="answers")
    sealed_detail = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["client", "at"], name="consent_event_by_client")]
        constraints = [
            _known("kind", EventKind, "consent_event_kind_known"),
            models.CheckConstraint(
                condition=(_is_one_of("kind", SECTION_EVENTS) | Q(section=""))
                & (~Q(kind=EventKind.SECTION_DONE.value) | ~Q(section="")),
                name="consent_event_section_named",
            ),
            models.CheckConstraint(
                condition=(~_is_one_of("kind", _NEEDS_VERSION) & Q(section="")) | Q(version__isnull=False),
                name="consent_event_version_named",
            ),
            models.CheckConstraint(
                condition=Q(kind=EventKind.ANSWERED.value, question__isnull=False)
                | (~Q(kind=EventKind.ANSWERED.value) & Q(question__isnull=True)),
                name="consent_event_answer_has_question",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | (_is_one_of("kind", _MAY_HAVE_UNTIL) & Q(until__gte=models.F("at"))),
                name="consent_event_until_fits",
            ),
            models.CheckConstraint(
                condition=~_is_one_of("kind", _ENDS) | Q(until__isnull=False),
                name="consent_event_override_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def as_step(self) -> Step:
        """Return what the gate needs of this event."""
        return Step(id=self.id, kind=EventKind(self.kind), at=self.at, until=self.until)

    @property
    def audit_handle(self) -> bytes:
        return self.client.audit_handle


class EmergencyReason(models.Model):
    """Why writing could not wait for a signature: a code in the clear, a clinical line, and one for the manager."""

    event = models.OneToOneField(
        "consent.Event", on_delete=models.PROTECT, primary_key=True, related_name="emergency_reason"
    )
    code = models.CharField(max_length=40)
    sealed_reason = models.BinaryField()
    sealed_manager_line = models.BinaryField()

    class Meta:
        constraints = [_known("code", EmergencyCode, "consent_emergency_code_known")]

    def __str__(self) -> str:
        return str(self.event_id)


class Record(LoggedRow):
    """A signed record, sealed in the client's shared vault; each follows at most one and is followed by at most one."""

    record_id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="consent_records")
    version = models.ForeignKey("consent.Version", on_delete=models.PROTECT, related_name="+")
    event = models.OneToOneField("consent.Event", on_delete=models.PROTECT, related_name="consent_record")
    # Of the envelope's ciphertext; the audit entry of the signature holds it too.
    ciphertext_sha256 = models.CharField(max_length=64)
    sealed_envelope = models.BinaryField()
    # What a person reads from the receipt, such as "7K3QM-2XD9P".
    reference = models.CharField(max_length=11, unique=True)
    signed_at = models.DateTimeField()
    prev = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="next")
    # By the client's key and the practice's, over this row and its event: in the clear, so that the gate can ask it.
    attestation = models.BinaryField()

    class Meta:
        constraints = [_sha256_hex("ciphertext_sha256", "consent_record_sha256_is_hex")]

    def __str__(self) -> str:
        return str(self.record_id)

    @property
    def audit_handle(self) -> bytes:
        return self.client.audit_handle
