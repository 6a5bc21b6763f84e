"""What the log has of a search: whose records were gone through, and never the words."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from django.utils import timezone

from audit.acts import Act
from audit.services import AuditUnavailable, NoReceipt, browse_log
from clients.models import Client
from clients.services.unseen import unseen_in_log
from notes.kinds import NoteKind
from notes.matching import read_query
from notes.searched import Wanted
from notes.services.searching import NobodyOfThatName, begin_search
from tests.audit.sql import plant
from tests.notes.conftest import done, end_care
from tests.notes.searching import found, search


def what_is_shown(heard):
    """Say what managers and auditors are shown of what was heard."""
    entries = browse_log(unseen=unseen_in_log()).entries
    return [
        (one.action, one.outcome, one.target_type, one.target_uuid, one.subjects, one.fields)
        for one in entries
        if one.entry_id > heard.after
    ]


class TestTheLog:
    def test_has_one_entry_about_everybody_searched(self, desk, log):
        desk.sign()
        heard = log()
        search(desk, "zaunkonig fourteen")
        assert heard.acts == [done(Act.NOTE_SEARCHED)]
        assert desk.client.audit_handle.hex().encode() in heard.bodies[0]

    def test_holds_what_narrowed_the_search_and_never_the_words(self, desk, log):
        heard, today = log(), timezone.localdate()
        search(desk, "wormwood", client="Robin", kind=NoteKind.CALL, since=today)
        _, entry = heard.bodies
        assert heard.acts == [done(Act.CLIENT_LISTED), done(Act.NOTE_SEARCHED)]
        assert f'"fields":["client","kind_call","since_{today}"]'.encode() in entry
        assert not any(word in body.lower() for word in (b"wormwood", b"robin") for body in heard.bodies)

    def test_comes_before_the_first_text_opens(self, desk, log):
        desk.sign()
        heard = log()
        begin_search(by=desk.by, wanted=Wanted(read_query("zaunkonig")), at=timezone.now())
        assert heard.acts == [done(Act.NOTE_SEARCHED)]

    def test_that_cannot_be_written_opens_nothing(self, desk):
        desk.sign()
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            search(desk, "zaunkonig")

    def test_names_everybody_though_an_entry_holds_only_so_many(self, monkeypatch, desk, shared_desk, sams_desk, log):
        monkeypatch.setattr("clients.services.parting.MAX_SUBJECTS", 1)
        note, heard = desk.sign(NoteKind.CALL), log()
        assert found(shared_desk, "zaunkonig") == {note.pk}
        assert heard.acts == [done(Act.NOTE_SEARCHED)] * 2

    def test_is_the_same_for_who_reads_it_whether_or_not_a_restricted_client_is_among_them(
        self, desk, shared_desk, sams_desk, log
    ):
        """Sam reaches Robin and Noor; what an auditor is shown must not tell whether there was Noor."""
        Client.objects.filter(pk=sams_desk.client.pk).update(hidden=True)
        shown = []
        for reached in (shared_desk, None):
            if reached is None:
                end_care(sams_desk)
            for named in ("", "Robin", "Noor"):
                heard = log()
                with suppress(NobodyOfThatName):
                    search(shared_desk, "zaunkonig", client=named)
                shown.append(what_is_shown(heard))
        assert shown[:3] == shown[3:]

    def test_names_a_client_as_what_was_searched_only_by_a_code(self, desk, log):
        for named, kind in (("", "notes.caseload"), ("Robin", "notes.caseload"), (desk.client.code, "clients.client")):
            heard = log()
            search(desk, "zaunkonig", client=named)
            assert json.loads(heard.bodies[-1])["obj"]["type"] == kind

    def test_without_a_client_in_it_opens_nothing_about_them(self, desk, sams_desk):
        desk.sign()
        mine, theirs = (
            begin_search(by=one.by, wanted=Wanted(read_query("zaunkonig")), at=timezone.now())
            for one in (desk, sams_desk)
        )
        forged = replace(mine, receipts=dict.fromkeys(mine.receipts, *theirs.receipts.values()))
        with pytest.raises(NoReceipt):
            list(forged)
