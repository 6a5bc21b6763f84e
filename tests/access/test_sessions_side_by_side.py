"""Many people in one process, and one person in two."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.utils import timezone

from access.models import User
from access.services.key_sessions import open_keys, open_session


@pytest.fixture
def opened(cast):
    return open_session(user=User.objects.get(pk=cast.dana.user.pk), keys=cast.dana.keys, at=timezone.now())


class TestManyAtOnce:
    def test_never_see_each_others_keys(self, cast, signed_in):
        """Two people, fifty interleaved threads each: whose keys are open is always whose session it is."""
        people = [cast.dana, cast.sam]
        rows = [open_session(user=p.user, keys=p.keys, at=timezone.now()) for p in people]
        start, seen = threading.Barrier(100), []

        def look(n):
            person, opened = people[n % 2], rows[n % 2]
            start.wait()
            for other in (opened, rows[1 - n % 2]):
                keys = open_keys(opened.row, cookie=other.cookie)
                seen.append((person.user.pk if other is opened else None, keys.holder if keys else None))

        threads = [threading.Thread(target=look, args=(n,)) for n in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 200
        assert all(expected == holder for expected, holder in seen)


class TestASecondWorker:
    def test_opens_what_the_first_one_sealed(self, cast, opened):
        """A fresh process, which shares nothing but the row and the cookie."""
        script = """if True:
            import json, sys, django
            django.setup()
            from uuid import UUID
            from access.models import KeySession
            from access.services.key_sessions import open_keys
            row = json.load(sys.stdin)
            blob = bytes.fromhex(row["blob"])
            session = KeySession(id=UUID(row["id"]), user_id=UUID(row["user"]), sealed_bundle=blob)
            keys = open_keys(session, cookie=row["cookie"])
            print(keys.key_id.hex() if keys else "closed")
        """
        row = {"id": str(opened.id), "user": str(opened.user.pk), "blob": bytes(opened.row.sealed_bundle).hex()}
        for cookie, expected in ((opened.cookie, opened.keys.key_id.hex()), ("A" * 44, "closed")):
            done = subprocess.run(
                [sys.executable, "-c", script],
                input=json.dumps({**row, "cookie": cookie}),
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(Path.cwd())},
            )
            assert done.stdout.strip() == expected
