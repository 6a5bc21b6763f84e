"""Second factors: django-otp's devices, with their secrets sealed or hashed. They gate sign-in and derive no key."""

import hmac
import secrets
import uuid
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django_otp.models import Device

from access.spoken_codes import draw_backup_codes, plain_code
from access.totp import TotpSeed
from keys.services import Label, open_for_service, seal_for_service, service_mac

MAILED_CODE_LIFE = timedelta(minutes=10)
STAND_IN_LIFE = timedelta(days=3)


class OurDevice(Device):  # type: ignore[misc]  # django-otp publishes no types
    """A device with a random id, bound into what it seals."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    @property
    def persistent_id(self) -> str:
        # django-otp reads the id back as a number before it looks the device up.
        return f"{self.model_label()}/{self.id.int}"


class TotpDevice(OurDevice):
    """An authenticator app (RFC 6238): six digits every 30 seconds. The seed is sealed for holder and device."""

    sealed_seed = models.BinaryField()
    last_step = models.BigIntegerField(default=-1)

    @classmethod
    def begin(cls, user_id: uuid.UUID) -> "TotpDevice":
        """Make a device that counts only once a first code has confirmed it."""
        return cls.keep(user_id, TotpSeed.fresh())

    @classmethod
    def keep(cls, user_id: uuid.UUID, seed: TotpSeed, *, last_step: int = -1) -> "TotpDevice":
        """Make a device of a seed that an app may have already.

        :param last_step: of the code that confirmed it; none was typed yet, if negative
        """
        device = cls(user_id=user_id, name="authenticator app", confirmed=last_step >= 0, last_step=last_step)
        device.sealed_seed = seal_for_service(seed.raw, bound_to=device._binding())
        device.save(force_insert=True)
        return device

    def seed(self) -> bytes:
        """Open the 20-byte seed."""
        return open_for_service(self.sealed_seed, bound_to=self._binding())

    def code_for(self, step: int) -> str:
        """Compute the six digits of one 30-second step."""
        return TotpSeed(self.seed()).code_for(step)

    def address(self, *, label: str, issuer: str) -> str:
        """Write the otpauth address that an authenticator app reads from a QR code."""
        return TotpSeed(self.seed()).address(label=label, issuer=issuer)

    def secret_text(self) -> str:
        """Write the seed in base32, for typing into an app by hand."""
        return TotpSeed(self.seed()).text

    def verify_token(self, token: str) -> bool:
        """Accept a code of this step or a neighbour, once: each step later than the last one used."""
        step = TotpSeed(self.seed()).find_step(token, after=self.last_step)
        if step is None:
            return False
        rows = TotpDevice.objects.filter(pk=self.pk, last_step__lt=step)
        return bool(rows.update(last_step=step, confirmed=True))

    def _binding(self) -> tuple[str, uuid.UUID, uuid.UUID]:
        return ("totp", self.user_id, self.id)


class MailedCodeDevice(OurDevice):
    """A code sent to the person's own mailbox: the floor, for clients only. Stored as an HMAC, ten minutes, once."""

    code_mac = models.BinaryField(max_length=32, default=b"")
    valid_until = models.DateTimeField(null=True)

    def draw(self) -> str:
        """Draw six digits that replace any before."""
        code = f"{secrets.randbelow(10**6):06d}"
        self.code_mac = self._mac(code)
        self.valid_until = timezone.now() + MAILED_CODE_LIFE
        self.save(update_fields=["code_mac", "valid_until"])
        return code

    def verify_token(self, token: str) -> bool:
        """Accept the code that was drawn last, once, in time."""
        if self.valid_until is None or timezone.now() > self.valid_until:
            return False
        if not hmac.compare_digest(bytes(self.code_mac), self._mac(token)):
            return False
        rows = MailedCodeDevice.objects.filter(pk=self.pk, valid_until=self.valid_until)
        return bool(rows.update(code_mac=b"", valid_until=None, confirmed=True))

    def _mac(self, code: str) -> bytes:
        return service_mac(Label.MAILED_CODE, self.user_id, self.id, code)


class BackupCodes(OurDevice):
    """Codes on paper for a lost phone. Only their HMACs are kept, each goes when used."""

    macs = models.JSONField(default=list)

    @classmethod
    def print_for(cls, user_id: uuid.UUID) -> list[str]:
        """Draw eight codes that replace any before; shown once."""
        codes = draw_backup_codes()
        cls.keep(user_id, codes)
        return codes

    @classmethod
    def keep(cls, user_id: uuid.UUID, codes: list[str]) -> None:
        """Let these codes be the ones that count."""
        cls.objects.filter(user_id=user_id).delete()
        device = cls(user_id=user_id, name="backup codes", confirmed=True)
        device.macs = [device._mac(plain_code(code)) for code in codes]
        device.save(force_insert=True)

    def verify_token(self, token: str) -> bool:
        """Accept a printed code once."""
        mac = self._mac(plain_code(token))
        if mac not in self.macs:
            return False
        before, self.macs = self.macs, [kept for kept in self.macs if kept != mac]
        return bool(BackupCodes.objects.filter(pk=self.pk, macs=before).update(macs=self.macs))

    def _mac(self, code: str) -> str:
        return service_mac(Label.BACKUP_CODE, self.user_id, code).hex()


class StandInCode(OurDevice):
    """A code in place of a lost second factor, until a new one is set up: three days at most. Only its HMAC is kept."""

    code_mac = models.BinaryField(max_length=32)
    valid_until = models.DateTimeField()

    @classmethod
    def admit(cls, user_id: uuid.UUID, code: str) -> "StandInCode":
        """Let a code stand in, from now on."""
        device = cls(user_id=user_id, name="code for a lost phone", confirmed=True)
        device.code_mac, device.valid_until = device._mac(code), timezone.now() + STAND_IN_LIFE
        device.save(force_insert=True)
        return device

    def verify_token(self, token: str) -> bool:
        """Accept the code, also once more: a browser that is closed half-way locks nobody out."""
        return timezone.now() <= self.valid_until and hmac.compare_digest(bytes(self.code_mac), self._mac(token))

    def _mac(self, code: str) -> bytes:
        return service_mac(Label.STAND_IN_CODE, self.user_id, self.id, plain_code(code))
