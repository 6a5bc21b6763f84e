"""Run as a process of its own: everything that runs by itself or from a terminal, where opening a vault raises.

Nobody is signed in here, so there is nobody's key; and nothing asks for one.
"""

import json
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import NoReturn
from unittest import mock

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from clients.models import Client  # noqa: E402
from clients.models.retention import Tombstone  # noqa: E402
from keys.models import Grant  # noqa: E402
from keys.services import take_standing  # noqa: E402
from practice.backups.folder import browse_backups  # noqa: E402
from practice.backups.nightly import look_once  # noqa: E402


def never(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a job opens something that is a person's")


# Every way to somebody's keys, to a vault's key and to a text.
WAYS = (
    "keys.keyring.Keyring.unwrap",
    "keys.keyring.Keyring.sign",
    "keys.services.vaults.OpenVault._sealing",
    "keys.services.identities.unseal",
    "keys.services.succeeding.unseal",
    "keys.services.founding.unseal",
    "keys.services.invitations.unseal",
    "keys.kdf.argon2id",
)
for way in WAYS:
    mock.patch(way, never).start()

folder = Path(settings.VAR_DIR).parent / "nightly"
said = StringIO()
before = {"tombstones": Tombstone.objects.count(), "grants": Grant.objects.count()}
# Tomorrow's night, and one after everything that waits has come due.
nights = [look_once(folder, at=timezone.now() + timedelta(days=days)) for days in (1, 12 * 366)]
after = {"tombstones": Tombstone.objects.count(), "grants": Grant.objects.count()}
for command in ("destroy_due", "confirm_restore", "clearsessions", "check"):
    call_command(command, stdout=said, stderr=said)
call_command("backup", str(folder), stdout=said, stderr=said)
for client in Client.objects.all():
    call_command("who_can_read", client.code, stdout=said, stderr=said)
try:
    call_command("doctor", stdout=said, stderr=said)
except SystemExit:
    said.write("doctor misses something\n")
json.dump(
    {
        "nights": nights,
        "backups": len(browse_backups(folder)),
        "before": before,
        "after": after,
        "standing": len(take_standing().grants),
        "said": said.getvalue(),
    },
    sys.stdout,
)
