"""One's own account: how one signs in, where one is signed in, and when that happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django_otp import devices_for_user
from django_otp.models import Device

from access.acting import Actor
from access.models import KeySession, User
from access.models.devices import BackupCodes, MailedCodeDevice, StandInCode, TotpDevice
from access.sessions import forget_browsers
from audit.acts import Act
from audit.services import Filters, browse_log, record

_METHODS: dict[type[Device], str] = {
    TotpDevice: "Authenticator app",
    MailedCodeDevice: "Code by e-mail",
    BackupCodes: "Backup codes on paper",
    StandInCode: "Code for a lost phone",
}
_ENTRANCES = frozenset({Act.SIGNED_IN, Act.REOPENED})
_SHOWN = 8


@dataclass(frozen=True)
class Method:
    """A confirmed second factor. `left` counts the backup codes that still work."""

    name: str
    left: int | None = None


@dataclass(frozen=True)
class Sitting:
    """One open session of the last twelve hours: since when, last used when, and whether it is this one."""

    opened_at: datetime
    seen_at: datetime
    here: bool


@dataclass(frozen=True)
class Entrance:
    """One time somebody came in, or did not; from a network prefix and a kind of device, either may be empty.

    `again` is a return with the passphrase alone, within twelve hours of a sign-in. `within` is a slip on a page that
    needs a sign-in: whoever made it was in already.
    """

    at: datetime
    net: str
    device: str
    again: bool
    within: bool


@dataclass(frozen=True)
class Account:
    """What somebody's own page says. Sittings, entrances and failures are newest first."""

    methods: list[Method]
    sittings: list[Sitting]
    entrances: list[Entrance]
    failures: list[Entrance]


def read_account(*, by: Actor, at: datetime) -> Account:
    """Gather one's own account."""
    return Account(
        methods=[_method(device) for device in devices_for_user(by.user)],
        sittings=[Sitting(row.opened_at, row.seen_at, row.pk == by.session) for row in _open_rows(by, at)],
        # Apart, so that nobody who got in can push that off the page with wrong passphrases.
        entrances=_newest(by, *_ENTRANCES),
        failures=_newest(by, Act.SIGN_IN_FAILED),
    )


def last_in(user: User) -> datetime | None:
    """Say when somebody last came in, or used a session that stands, as far as rows and log know."""
    # A closed session leaves no row, and one that came with an invitation no entry of a sign-in.
    seen = KeySession.objects.filter(user=user).order_by("-seen_at").values_list("seen_at", flat=True)[:1]
    entrances = browse_log(Filters(acts=_ENTRANCES, target_uuid=user.pk), size=1).entries
    return max([*seen, *(row.at for row in entrances)], default=None)


@transaction.atomic(durable=True)
def sign_out_elsewhere(*, by: Actor, browser: str, at: datetime) -> None:
    """Close every session of this person but the one of this request; the other browsers forget who it was.

    :param browser: the session cookie of this request
    """
    here = [by.session] if by.session else []
    KeySession.objects.filter(user=by.user).exclude(pk__in=here).delete()
    forget_browsers(by.user.pk, but=browser)
    record(Act.SIGNED_OUT, by=by, target=by.user, at=at)


def _open_rows(by: Actor, at: datetime) -> list[KeySession]:
    since = at - timedelta(seconds=settings.ABSOLUTE_SESSION)
    return list(KeySession.objects.filter(user=by.user, opened_at__gt=since).order_by("-seen_at"))


def _newest(by: Actor, *acts: Act) -> list[Entrance]:
    entries = browse_log(Filters(acts=frozenset(acts), target_uuid=by.user.pk), size=_SHOWN).entries
    return [
        Entrance(row.at, row.net, row.device, row.action == Act.REOPENED, row.actor_id == by.audit_id)
        for row in entries
    ]


def _method(device: Device) -> Method:
    return Method(_METHODS[type(device)], len(device.macs) if isinstance(device, BackupCodes) else None)
