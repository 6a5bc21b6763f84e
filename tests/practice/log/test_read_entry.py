"""One entry of the access log."""

from dataclasses import replace
from uuid import uuid4

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from audit.actors import Named, Origin
from audit.acts import Act, Ground, Outcome, Purpose
from audit.entries import Basis
from audit.models import Entry
from audit.services import Filters, browse_log, record_look
from tests.audit.cast import ENTRY_GUARD
from tests.audit.sql import run
from tests.cast import Cast
from tests.practice.log.reading import LOG, links, words


class TestEntryPage:
    def test_says_all_that_the_entry_says_in_plain_words(self, cast: Cast, signed_in, dana, robin):
        thing = Named("notes.note", uuid4(), robin.audit_handle)
        origin = Origin(req="r77", net="203.0.113.0/24", device="phone")
        by = replace(dana, origin=origin)
        receipt = record_look(
            Act.NOTE_READ,
            by=by,
            target=thing,
            purpose=Purpose.TREATMENT,
            basis=Basis(Ground.CARE, uuid4()),
            revision=3,
            fields=["safety_plan"],
            at=timezone.now(),
        )
        answer = signed_in(cast.auditor).get(reverse("practice:read_entry", args=[receipt.uid]))
        page = words(answer.content.decode())
        for said in (
            "Who Dana Whitlock, therapist",
            "What happened Read a progress note",
            "How it ended Done",
            f"About Client {robin.code}",
            "Kind of thing A progress note",
            str(thing.audit_uuid),
            "Its version 3",
            "Parts named safety plan",
            "Why it was allowed The client was in this person's care",
            "Purpose Treatment of the client",
            "Kind of device Phone",
            "Network 203.0.113.0/24",
            "Request r77",
            str(receipt.uid),
        ):
            assert said in page

    def test_is_a_look_that_names_the_entry(self, cast: Cast, signed_in):
        entry = browse_log().entries[0]
        signed_in(cast.manager).get(reverse("practice:read_entry", args=[entry.uid]))
        look = browse_log().entries[0]
        assert (look.action, look.target_type, look.target_uuid) == (Act.LOG_VIEWED, "audit.entry", entry.uid)

    def test_says_that_the_entry_was_altered(self, cast: Cast, signed_in, dana):
        receipt = record_look(Act.CLIENT_LISTED, by=dana, at=timezone.now())
        run(*ENTRY_GUARD.remove_statements(connection))
        Entry.objects.filter(uid=receipt.uid).update(role="auditor")
        page = signed_in(cast.manager).get(reverse("practice:read_entry", args=[receipt.uid])).content.decode()
        assert "not as it was first written" in page

    def test_of_no_entry_is_not_found(self, cast: Cast, signed_in):
        assert signed_in(cast.manager).get(reverse("practice:read_entry", args=[uuid4()])).status_code == 404

    def test_leads_from_a_page_that_was_refused_to_no_thing(self, cast: Cast, signed_in):
        browser = signed_in(cast.dana)
        assert browser.get(LOG).status_code == 403
        refusal = browse_log(Filters(outcome=Outcome.DENIED)).entries[0]
        answer = signed_in(cast.manager).get(reverse("practice:read_entry", args=[refusal.uid]))
        assert "The page practice: browse log" in words(answer.content.decode())
        assert not [link for link in links(answer) if "about=" in link]
