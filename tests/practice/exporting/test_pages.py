"""The pages from which a record leaves: why is asked, who asks is known afresh, and a browser keeps nothing of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.models import KeySession
from audit.acts import Act
from audit.models import Entry
from notes.kinds import NoteKind
from tests.notes.conftest import CANARY
from tests.notes.pages.browsing import text_of
from tests.practice.exporting.conftest import files_in

pytestmark = pytest.mark.usefixtures("no_press")


@pytest.fixture
def dana(cast, signed_in):
    return signed_in(cast.dana)


def begun():
    return Entry.objects.filter(action__in=[Act.EXPORT_BEGUN, Act.OWN_EXPORT_BEGUN]).count()


class TestExportRecord:
    def test_hands_out_a_file_that_runs_nowhere_and_is_kept_nowhere(self, dana, full):
        answer = dana.post(f"/clients/{full.desk.client.pk}/export/", {"why": "client_asked"})
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/zip"
        name = f"{full.desk.client.code}-record.zip"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert CANARY in files_in(answer.getvalue())["record.txt"].decode()

    def test_asks_why_and_takes_no_other_reason(self, dana, desk):
        address = f"/clients/{desk.client.pk}/export/"
        page = text_of(dana.get(address))
        assert "What is it for?" in page
        assert "checked" not in page
        for sent in ({}, {"why": "curiosity"}):
            answer = dana.post(address, sent)
            assert answer["Content-Type"].startswith("text/html")
            assert "Error: " in text_of(answer)
        assert not begun()

    def test_asks_for_the_passphrase_where_it_was_given_long_ago(self, cast, dana, desk):
        KeySession.objects.filter(user=cast.dana.user).update(fresh_at=timezone.now() - timedelta(minutes=11))
        answer = dana.post(f"/clients/{desk.client.pk}/export/", {"why": "client_asked"})
        assert answer.status_code == 423
        assert not begun()

    def test_is_found_from_the_clients_page(self, dana, desk):
        address = f'href="/clients/{desk.client.pk}/export/"'
        assert address in text_of(dana.get(f"/clients/{desk.client.pk}/notes/"))


class TestExportOwnNotes:
    def test_is_a_step_of_its_own_with_a_reason_and_a_day(self, dana, full):
        address = f"/clients/{full.desk.client.pk}/export/own-notes/"
        assert address in text_of(dana.get(f"/clients/{full.desk.client.pk}/export/"))
        page = text_of(dana.get(address))
        assert "checked" not in page
        # The published text is for the United States.
        assert "access_request" not in page
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        refused = (
            {},
            {"basis": "authorised"},
            {"dated": "2026-11-03"},
            {"basis": "authorised", "dated": tomorrow},
            {"basis": "access_request", "dated": "2026-11-03"},
        )
        for sent in refused:
            assert "Error: " in text_of(dana.post(address, sent)), sent
        assert not begun()
        answer = dana.post(address, {"basis": "authorised", "dated": "2026-11-03"})
        assert answer["Content-Disposition"].endswith('-process-notes.zip"')
        assert "About Tuesday." in files_in(answer.getvalue())["record.txt"].decode()
        assert begun() == 1

    def test_hands_out_nothing_where_nothing_is_ones_own(self, dana, desk):
        desk.sign(NoteKind.CALL)
        address = f"/clients/{desk.client.pk}/export/own-notes/"
        answer = dana.post(address, {"basis": "authorised", "dated": "2026-11-03"})
        assert b"Nothing." in files_in(answer.getvalue())["record.txt"]
