"""``python -m bench.fill_twin``, with the twin's settings: fill its database with the scene on standard input."""

import sys
from datetime import datetime

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 (models exist only now)
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.scene import FIELDS, Scene, Written  # noqa: E402
from bench.twin.models import Client, Note, User  # noqa: E402


def fill(scene: Scene) -> None:
    """Make the tables, and in them the same staff, clients, drafts and note as in the house."""
    # Django's own first: the twin has no migrations, and its people refer to Django's groups.
    call_command("migrate", "auth", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    staff = [
        User.objects.create(username=who.address, first_name=who.name, password=make_password(who.passphrase))
        for who in scene.staff
    ]
    clients = [Client(id=row.id, code=row.code, name=row.name, therapist=staff[0]) for row in scene.clients]
    Client.objects.bulk_create(clients)
    Note.objects.bulk_create(Note(**_row(written, clients[0])) for written in (scene.saved, *scene.drafts))
    Note.objects.create(**_row(scene.note, clients[0]), signed_at=timezone.now())


def _row(written: Written, client: Client) -> dict[str, object]:
    return {
        "id": written.id,
        "client": client,
        "author": client.therapist,
        "kind": "session",
        "format": "session/1",
        "session_at": datetime.fromisoformat(written.session_at),
        "minutes": 50,
        "revision": written.revision,
        "texts": FIELDS,
        "written_at": timezone.now(),
    }


fill(Scene.from_json(sys.stdin.read()))
