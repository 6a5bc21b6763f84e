"""People of the practice and how they get in. Names of clients are not here: they are sealed in vaults."""

import uuid
from datetime import datetime
from typing import ClassVar, NoReturn

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from access.bounds import ELSEWHERE_DAYS, KEEP_YEARS
from access.errors import PassphraseNeedsKeys
from access.models.devices import BackupCodes, MailedCodeDevice, StandInCode, TotpDevice  # noqa: F401 (models, in a file of their own)
from access.models.set_up import SetUp  # noqa: F401 (a model, in a file of its own)
from access.roles import Role
from access.states import State
from access.targets import LoggedRow

INVITATION_TRIES = 5


class Practice(LoggedRow):
    """The one practice of this installation, and its settings. `demo` is fixed when it is made."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=100)
    demo = models.BooleanField()
    therapists_invite = models.BooleanField(default=True)
    hidden_clients = models.BooleanField(default=False)
    # After the end of care or the last note. Ten is no law's number: counsel knows the practice's own.
    keep_years = models.PositiveSmallIntegerField(default=10)
    # For clients who are brought in: they sign the practice's own text at one of their next sessions.
    elsewhere_days = models.PositiveSmallIntegerField(default=60)
    phone = models.CharField(max_length=40, blank=True)
    emergency_number = models.CharField(max_length=40, default="911")
    crisis_line = models.CharField(max_length=80, default="988, day and night (call or text)")
    founded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="only_one_practice"),
            models.CheckConstraint(condition=Q(keep_years__range=KEEP_YEARS), name="records_are_kept_for_years"),
            models.CheckConstraint(
                condition=Q(elsewhere_days__range=ELSEWHERE_DAYS), name="signed_elsewhere_counts_for_days"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.id)


class UserManager(BaseUserManager["User"]):
    """Looks people up; making one is :mod:`access.services.enrolment`'s work."""


class User(LoggedRow, AbstractBaseUser):
    """A person who signs in. The id is also the holder of their keys."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email_lookup = models.BinaryField(max_length=32, unique=True)
    sealed_email = models.BinaryField()
    display_name = models.CharField(max_length=100, blank=True)
    is_staff_member = models.BooleanField()
    state = models.CharField(max_length=10, choices=State.choices)
    made_at = models.DateTimeField(default=timezone.now)
    # When to have the recovery code typed once more. Staff without a moment here have none that was ever typed back.
    recovery_ask_at = models.DateTimeField(null=True)
    # A lost second factor was removed and no new one was set up since.
    factor_removed_at = models.DateTimeField(null=True)
    # Whoever left keeps the name under which they wrote, and nothing that finds or lets in.
    ended_at = models.DateTimeField(null=True)
    last_login = None
    # Filled where somebody is loaded for a request, see `find_user`.
    roles_at_hand: frozenset[str] | None = None

    USERNAME_FIELD = "id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(is_staff_member=True) | Q(display_name=""), name="no_client_name_in_the_clear"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(state=State.ENDED), name="who_left_stays_gone"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def set_password(self, raw_password: str | None) -> NoReturn:
        """Refuse: a verifier that does not match the sealed keys orphans them.

        :raises PassphraseNeedsKeys: always
        """
        raise PassphraseNeedsKeys

    def set_unusable_password(self) -> NoReturn:
        """Refuse, like :meth:`set_password`.

        :raises PassphraseNeedsKeys: always
        """
        raise PassphraseNeedsKeys

    def check_password(self, raw_password: str | None) -> NoReturn:
        """Refuse: Django's own check may re-salt the verifier at sign-in and so orphan the keys.

        :raises PassphraseNeedsKeys: always
        """
        raise PassphraseNeedsKeys

    @property
    def lacks_recovery_code(self) -> bool:
        """Say whether a recovery code is still to be drawn and typed back; clients have none."""
        return self.is_staff_member and self.recovery_ask_at is None

    @property
    def is_returning(self) -> bool:
        """Say whether something has to be set up anew before this account goes on."""
        return self.factor_removed_at is not None or self.lacks_recovery_code

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's own is a plain attribute
        return self.state != State.ENDED


class RoleHeld(models.Model):
    """One role of one person."""

    user = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="roles_held")
    role = models.CharField(max_length=10, choices=[(role.value, role.value) for role in Role])

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role"], name="each_role_once"),
            models.CheckConstraint(
                condition=Q(role__in=[Role.THERAPIST, Role.MANAGER, Role.AUDITOR, Role.CLIENT]),
                name="roles_that_can_be_held",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by whether they can still lead to an account."""

    def unused(self) -> "InvitationQuerySet":
        """Keep those that were neither used nor withdrawn."""
        return self.filter(used_at__isnull=True, withdrawn_at__isnull=True)

    def working(self, at: datetime) -> "InvitationQuerySet":
        """Keep those that would open at this time, with the right code."""
        return self.unused().filter(expires_at__gt=at, tries__lt=INVITATION_TRIES)


class Invitation(LoggedRow):
    """A single-use link. The link alone opens nothing: the short code is given by voice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lookup = models.BinaryField(max_length=32, unique=True)
    sealed_invitation = models.BinaryField()
    sealed_email = models.BinaryField()
    display_name = models.CharField(max_length=100, blank=True)
    roles = models.JSONField(default=list)
    holder = models.UUIDField()
    subject = models.UUIDField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    made_by = models.ForeignKey("access.User", on_delete=models.PROTECT)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(tries__lte=INVITATION_TRIES), name="five_tries_at_most"),
            models.CheckConstraint(
                condition=Q(subject__isnull=True) | Q(display_name=""), name="no_invited_name_in_the_clear"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class KeySession(models.Model):
    """The server's half of an open session: keys sealed under the cookie's half. Left out of backups."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey("access.User", on_delete=models.CASCADE)
    sealed_bundle = models.BinaryField()
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    fresh_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class Throttle(models.Model):
    """How often something was tried in the running window. The key is an HMAC, so it names nobody."""

    key = models.BinaryField(max_length=32, unique=True)
    window_from = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.pk)
