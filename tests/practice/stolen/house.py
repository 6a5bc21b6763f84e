"""Run as a process of its own: found a real practice in VAR_DIR, let it work for a day, and tell only the test.

Everything that this process knew and did not write to disk goes with it.
"""

import json
import sys
import time
from base64 import b64encode
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from access.devices import TotpDevice  # noqa: E402
from access.roles import Role  # noqa: E402
from access.services.first_person import FirstPerson  # noqa: E402
from access.services.key_sessions import open_session  # noqa: E402
from clients.models import Client  # noqa: E402
from clients.services.contacts import Contact  # noqa: E402
from clients.services.enrolling import finish_enrolment  # noqa: E402
from clients.services.inviting import NewClient, invite_client  # noqa: E402
from clients.services.vaults import process_vault, record_vault, shared_vault  # noqa: E402
from keys.services import propose_passphrase  # noqa: E402
from practice.cast import Person, begin_enrolling, found  # noqa: E402

CANARIES = ["Canary Contact", "canary-in-the-record", "canary-in-what-is-shared", "canary-of-the-author"]

call_command("migrate", verbosity=0)
now = timezone.now()
founder = FirstPerson("Mara Lind", "mara@linden.example", propose_passphrase(), (Role.MANAGER, Role.THERAPIST))
first = found(practice_name="Linden", person=founder, count=3, needed=2, demo=False, at=now).first
TotpDevice.objects.update(confirmed=True)
mara = Person(first.user, first.keys, founder.address, founder.passphrase)
by = mara.as_(Role.THERAPIST)

new = NewClient(Contact(CANARIES[0], "guest@post.example", "555 0100"), first.user.pk)
invited, letter = invite_client(by=by, new=new, at=now)
guest = begin_enrolling(letter=letter, address="guest@post.example")
code = TotpDevice.objects.get(user=guest.user).code_for(int(time.time()) // 30)
finish_enrolment(by=guest.as_(Role.ENROLLING), code=code, at=timezone.now())
# Somebody is invited and has not come yet; somebody is signed in while the disk is taken.
invite_client(by=by, new=NewClient(Contact("Later", "later@post.example"), first.user.pk), at=now)
open_session(user=first.user, keys=first.keys, at=now)

client = Client.objects.get(pk=invited.pk)
with transaction.atomic():
    texts = {
        "record": record_vault(by=by, client=client, confirmed=frozenset(), at=now),
        "shared": shared_vault(by=by, client=client),
        "process": process_vault(by=by, client=client, recoverable=False, at=now),
    }
# Texts of every kind as any table keeps them, together with all that a row says of its place.
blobs = {
    kind: {"vault": str(vault.id), "blob": b64encode(vault.seal(canary, bound_to=("text/v1", client.pk))).decode()}
    for (kind, vault), canary in zip(texts.items(), CANARIES[1:], strict=True)
}
(Path(settings.VAR_DIR) / "texts.json").write_text(json.dumps({"client": str(client.pk), "texts": blobs}))
json.dump({"canaries": CANARIES, "passphrase": founder.passphrase, "vaults": len(blobs) + 2}, sys.stdout)
