"""A whole caseload in one stream: a file for each client, one at a time, and how far it has come."""

import hashlib
import logging

import pytest
from django.utils import timezone

from audit.acts import Act
from audit.models import Entry
from audit.services import Filters, browse_log
from clients.models import Care
from practice.exporting.caseload import caseload_of, exported_since, stream_caseload
from practice.exporting.purposes import Why
from tests.access.pages.visitors import invite_ines
from tests.audit.sql import plant
from tests.notes.conftest import CANARY
from tests.notes.pages.browsing import JSON, text_of
from tests.practice.exporting.conftest import files_in, text_in

pytestmark = pytest.mark.usefixtures("no_press")


@pytest.fixture
def two(cast, full):
    """Robin, and Ines, who has not come yet: both in Dana's care, in the order of their codes."""
    invite_ines(cast)
    return caseload_of(full.desk.by)


def stream(desk, clients):
    return stream_caseload(by=desk.by, clients=clients, why=Why.OWN_FILES)


def entries(act):
    return Entry.objects.filter(action=act)


class TestTheStream:
    def test_has_a_file_for_each_client_and_a_list(self, full, two):
        files = files_in(b"".join(stream(full.desk, two)))
        assert list(files) == [*(f"{client.code}-record.zip" for client in two), "contents.txt"]
        [robins] = [raw for name, raw in files.items() if name.startswith(full.desk.client.code)]
        assert CANARY in text_in(robins)
        assert files["contents.txt"].decode().count("something is missing, and named in it") == 2
        logged = exported_since(by=full.desk.by, since=full.note.signed_at)
        assert set(logged) == {client.pk for client in two}
        made = browse_log(Filters(acts=frozenset({Act.EXPORT_DONE}), subject=full.desk.client.audit_handle)).entries
        assert [entry.sha256 for entry in made] == [hashlib.sha256(robins).hexdigest()]

    def test_makes_one_file_after_another(self, full, two):
        pieces = stream(full.desk, two)
        assert not entries(Act.EXPORT_BEGUN).exists()
        next(pieces)
        assert entries(Act.EXPORT_BEGUN).count() == entries(Act.EXPORT_DONE).count() == 1
        assert entries(Act.EXPORT_DONE).get().obj_id == two[0].pk
        pieces.close()
        assert entries(Act.EXPORT_BEGUN).count() == 1

    def test_asks_anew_at_each_turn(self, full, two):
        pieces = stream(full.desk, two)
        first = next(pieces)
        Care.objects.filter(client=two[1]).update(ended_at=timezone.now())
        files = files_in(first + b"".join(pieces))
        assert list(files) == [f"{two[0].code}-record.zip", "contents.txt"]
        assert f"{two[1].code}: not here." in files["contents.txt"].decode()
        assert entries(Act.EXPORT_BEGUN).count() == 1

    def test_goes_on_past_what_fails_and_tells_the_servers_log_no_word(self, full, two, caplog):
        plant("audit_entry", swallow=True)
        with caplog.at_level(logging.ERROR):
            files = files_in(b"".join(stream(full.desk, two)))
        assert list(files) == ["contents.txt"]
        assert files["contents.txt"].decode().count("not here.") == 2
        assert {record.getMessage() for record in caplog.records} == {"caseload: AuditUnavailable"}


class TestThePage:
    def test_streams_and_says_how_far_it_is(self, cast, signed_in, full, two):
        dana = signed_in(cast.dana)
        assert 'href="/clients/export/"' in text_of(dana.get("/clients/"))
        page = text_of(dana.get("/clients/export/"))
        assert "0 of 2 put into a file today." in page
        assert "client_asked" not in page
        assert dana.get("/clients/export/progress/", headers=JSON).json() == {"done": {}, "of": 2}
        answer = dana.post("/clients/export/", {"why": "own_files"})
        assert answer.streaming
        assert (
            answer["Content-Disposition"] == f'attachment; filename="caseload-{timezone.localdate().isoformat()}.zip"'
        )
        assert answer["Cache-Control"] == "no-store"
        assert len(files_in(b"".join(answer.streaming_content))) == 3
        assert "2 of 2 put into a file today." in text_of(dana.get("/clients/export/"))
        told = dana.get("/clients/export/progress/", headers=JSON).json()
        assert set(told["done"]) == {client.code for client in two}
        later = timezone.now().isoformat().replace("+", "%2B")
        assert not dana.get(f"/clients/export/progress/?since={later}", headers=JSON).json()["done"]
        for odd in ("x", "2026-13-45T00:00:00Z", "2026-11-22T00:00:00"):
            assert len(dana.get(f"/clients/export/progress/?since={odd}").json()["done"]) == 2

    def test_makes_nothing_without_a_reason(self, cast, signed_in, full):
        dana = signed_in(cast.dana)
        for sent in ({}, {"why": "client_asked"}):
            assert "Error: " in text_of(dana.post("/clients/export/", sent))
        assert not entries(Act.EXPORT_BEGUN).exists()

    def test_is_calm_where_nobody_is_in_care(self, cast, signed_in):
        Care.objects.filter(therapist=cast.sam.user).update(ended_at=timezone.now())
        assert "You have no clients in your care." in text_of(signed_in(cast.sam).get("/clients/export/"))
