"""Run as a process of its own: found a practice in VAR_DIR, let it live through a year, and tell only the test.

Everything that this process knew and did not write to disk goes with it.
"""

import json
import sys
from base64 import b64encode, urlsafe_b64decode
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from access.models import Practice  # noqa: E402
from access.models.devices import TotpDevice  # noqa: E402
from access.roles import Role  # noqa: E402
from access.services.codes import next_code  # noqa: E402
from access.services.coming_back import invite_back, make_keys, prove_keys  # noqa: E402
from access.services.first_person import FirstPerson  # noqa: E402
from access.services.key_sessions import open_session  # noqa: E402
from access.services.recovering import Typed, recover  # noqa: E402
from audit.actors import Nobody, Origin  # noqa: E402
from clients.models import Client  # noqa: E402
from clients.services.contacts import Contact  # noqa: E402
from clients.services.correcting import know_contact  # noqa: E402
from clients.services.inviting import NewClient, invite_client  # noqa: E402
from clients.services.letters import write_letter  # noqa: E402
from clients.services.returning import invite_again  # noqa: E402
from clients.services.vaults import process_vault, record_vault, shared_vault  # noqa: E402
from keys.codes import read_code  # noqa: E402
from keys.kdf import extract  # noqa: E402
from keys.registry import Label  # noqa: E402
from keys.services import (  # noqa: E402
    HOLD_ALL_BUNDLES,
    Place,
    VaultKind,
    draw_recovery_code,
    held,
    let_expire,
    propose_passphrase,
    release,
)
from keys.services.invitations import Token  # noqa: E402
from practice.backups.making import make_backup  # noqa: E402
from practice.cast import Person, enrol_client, enrol_colleague, found  # noqa: E402
from tests.clients.keeping.ending import end_care  # noqa: E402

if TYPE_CHECKING:
    from tests.cast import Cast

CANARIES = [
    "Canary Contact",
    "canary-in-the-record",
    "canary-in-what-is-shared",
    "canary-of-the-author",
    "canary-of-a-letter",
    "canary-of-a-hold",
]
DESTROYED = "Canary Destroyed"
VISITOR = Nobody(Origin())
VAR = Path(settings.VAR_DIR)


def code_key(code):
    return extract(read_code(code), Label.RECOVERY_CODE)


call_command("migrate", verbosity=0)
now = timezone.now()
founder = FirstPerson("Mara Lind", "mara@linden.example", propose_passphrase(), (Role.MANAGER, Role.THERAPIST))
# A demo only so that this process can compute everybody's next code; it is none any more when the disk is taken.
foundation = found(practice_name="Linden", person=founder, count=3, needed=2, demo=True, at=now)
first = foundation.first
TotpDevice.objects.update(confirmed=True)
mara = Person(first.user, first.keys, founder.address, founder.passphrase)
by, manager = mara.as_(Role.THERAPIST), mara.as_(Role.MANAGER)

new = NewClient(Contact(CANARIES[0], "guest@post.example", "555 0100"), first.user.pk)
invited, letter = invite_client(by=by, new=new, at=now)
enrol_client(letter=letter, address="guest@post.example")
# Somebody is invited and has not come yet; somebody is signed in while the disk is taken.
waits = invite_client(by=by, new=NewClient(Contact("Later", "later@post.example"), first.user.pk), at=now)[1]
signed_in = open_session(user=first.user, keys=first.keys, at=now)

client = Client.objects.get(pk=invited.pk)
with transaction.atomic():
    texts = {
        "record": record_vault(by=by, client=client, confirmed=frozenset(), at=now),
        "shared": shared_vault(by=by, client=client),
        "process": process_vault(by=by, client=client, recoverable=False, at=now),
    }
    write_letter(by=by, client=client, text=CANARIES[4], at=now)
# Texts of every kind as any table keeps them, together with all that a row says of its place.
blobs = {
    kind: {"vault": str(vault.id), "blob": b64encode(vault.seal(canary, bound_to=("text/v1", client.pk))).decode()}
    for (kind, vault), canary in zip(texts.items(), CANARIES[1:4], strict=True)
}
(VAR / "texts.json").write_text(json.dumps({"client": str(client.pk), "texts": blobs}))

# A record was destroyed; of another one the care has ended, and a lawsuit keeps it.
gone = invite_client(by=by, new=NewClient(Contact(DESTROYED, "gone@post.example"), first.user.pk), at=now)[0]
doomed = invite_client(by=by, new=NewClient(Contact("Doomed", "doomed@post.example"), first.user.pk), at=now)[0]
house = cast("Cast", SimpleNamespace(manager=mara))
end_care(house, mara, Client.objects.get(pk=gone.pk)).destroy()
end_care(house, mara, client).hold(at=now, text=CANARIES[5])

# Another one is to be destroyed, and a key is lent until tomorrow.
end_care(house, mara, Client.objects.get(pk=doomed.pk)).decide()
let_expire(
    by=by.keys,
    place=Place(VaultKind.CONTACT, doomed.pk),
    holder=first.user.pk,
    expires_at=now + timedelta(days=1),
    at=now,
)

otto = enrol_colleague(manager=mara, name="Otto", address="otto@linden.example", roles=(Role.THERAPIST,))
ines = enrol_colleague(manager=mara, name="Ines", address="ines@linden.example", roles=(Role.AUDITOR,))
codes = {person: draw_recovery_code(person.keys) for person in (mara, otto, ines)}
# Otto lost everything, and his new keys wait for the ceremony; a client is invited again; all of it is in a backup.
way_back = invite_back(by=manager, user_id=otto.user.pk, at=now)
link = way_back.token
fresh = propose_passphrase()
new_code = make_keys(by=VISITOR, token=link, code=way_back.code, passphrase=fresh, at=timezone.now())
prove_keys(by=VISITOR, token=link, typed=new_code, at=timezone.now())
known = know_contact(by=manager, client=client, at=now)
again = invite_again(by=manager, known=known, form=uuid4(), at=timezone.now())
make_backup(folder=VAR.parent / "backups", at=timezone.now())

# Ines came back with her code a moment ago, and has no new one yet.
typed = Typed(ines.address, codes[ines], next_code(ines.user).code, propose_passphrase())
returning, _ = recover(by=VISITOR, typed=typed, at=timezone.now())
# Otto's account came back with a restore, and nobody has confirmed it.
with connection.cursor() as cursor:
    cursor.executescript(HOLD_ALL_BUNDLES)
release([row.name for row in held() if row.holder != otto.user.pk])
Practice.objects.update(demo=False)

json.dump(
    {
        "canaries": CANARIES,
        "destroyed": DESTROYED,
        "passphrase": founder.passphrase,
        "sheets": foundation.codes,
        "vaults": len(blobs) + 3,
        # What only people and their browsers hold, as the keys that it makes.
        "passphrases": [otto.passphrase, ines.passphrase, typed.passphrase, fresh],
        "keys": [
            *(urlsafe_b64decode(opened.cookie).hex() for opened in (signed_in, returning)),
            *(code_key(code).hex() for code in (*codes.values(), new_code)),
            *(Token.from_text(mail.token).key(mail.code).hex() for mail in (waits, way_back, again)),
        ],
    },
    sys.stdout,
)
