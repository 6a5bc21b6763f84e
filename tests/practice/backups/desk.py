"""Run as a process of its own: somebody signs in with passphrase and code, writes or reads notes of calls, and says so.

Reads one JSON object: ``address``, ``passphrase``, ``code`` and, to write, ``text``. Writes the texts that open, or
why nobody came in.
"""

import json
import sys

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.utils import timezone  # noqa: E402

from access.acting import Actor, Refusal  # noqa: E402
from access.roles import Role  # noqa: E402
from access.services.signing_in import Proof, sign_in  # noqa: E402
from audit.actors import Nobody, Origin  # noqa: E402
from clients.services.finding import clients_of  # noqa: E402
from keys.errors import KeysError  # noqa: E402
from notes.kinds import NoteKind  # noqa: E402
from notes.services.drafting import Plan, begin_draft, save_draft  # noqa: E402
from notes.services.reading import browse_notes, read_note  # noqa: E402
from notes.services.signing import sign_note  # noqa: E402

given = json.load(sys.stdin)
proof = Proof(given["address"], given["passphrase"], given["code"])
try:
    opened, _ = sign_in(by=Nobody(Origin()), proof=proof, at=timezone.now())
except Refusal as refusal:
    json.dump({"refused": str(refusal)}, sys.stdout)
    sys.exit()
# As the page of sign-in leaves it: half a session in each of the two tables.
SessionStore().save()
by = Actor(opened.user, Role.THERAPIST, opened.keys, opened.id, Origin())
client = clients_of(by).order_by("made_at").first()
assert client is not None
if "text" in given:
    now = timezone.now().replace(microsecond=0)
    draft = begin_draft(by=by, client=client, plan=Plan(NoteKind.CALL, session_at=now), at=now)
    save_draft(by=by, draft=draft, revision=0, fields={"text": given["text"]}, at=now)
    sign_note(by=by, draft_id=draft.pk, revision=1, at=now)
try:
    notes = browse_notes(by=by, client=client, at=timezone.now())
    texts = [read_note(by=by, note_id=note.pk, at=timezone.now()).fields["text"] for note in notes]
    json.dump({"texts": texts}, sys.stdout)
except KeysError as error:
    json.dump({"refused": type(error).__name__}, sys.stdout)
