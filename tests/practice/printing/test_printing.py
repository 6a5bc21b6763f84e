"""On paper: a note, the record, a form to sign and a signed one; why is asked, and what goes home names no practice."""

import io
from html import unescape

import pytest
from django.utils import timezone
from pypdf import PdfReader

from audit.acts import Act, Purpose
from audit.services import Filters, browse_log
from clients.services.finding import NoSuchClient
from consent.models import Record as ConsentRow
from consent.models import Version
from notes.kinds import NoteKind
from notes.services.finding import NoSuchNote
from practice.printing.purposes import PrintWhy
from practice.printing.service import Printing, find_printable, print_note
from tests.clients.conftest import Record
from tests.clients.cover.conftest import arrange, open_it
from tests.consent.tampering import alter
from tests.notes.conftest import ADDED, CANARY, denied, done
from tests.notes.pages.browsing import text_of


@pytest.fixture
def dana(cast, signed_in):
    return signed_in(cast.dana)


def page_of(answer):
    assert answer["Content-Type"] == "application/pdf"
    return unescape(answer.content.decode())


class TestTheSafetyPlan:
    def test_for_the_clients_hand_says_what_to_do_and_not_where_it_is_from(self, desk):
        note = desk.sign(NoteKind.SAFETY_PLAN)
        printing = Printing(PrintWhy.CLIENTS_HAND)
        pdf = PdfReader(io.BytesIO(print_note(by=desk.by, note=note, printing=printing, at=timezone.now())))
        text = "\n".join(page.extract_text() for page in pdf.pages)
        assert pdf.metadata.title == "Safety plan"
        assert CANARY in text
        assert f"Page 1 of {len(pdf.pages)}" in text
        for words in ("Alder Lane", "Robin", "Dana", desk.client.code, "://"):
            assert words not in text


@pytest.mark.usefixtures("echo")
class TestANote:
    def test_is_printed_with_what_was_added_after_a_look_with_its_purpose(self, dana, desk, log):
        note = desk.sign()
        desk.amend(note)
        address = f"/notes/{note.pk}/print/"
        assert f'href="{address}"' in text_of(dana.get(f"/notes/{note.pk}/"))
        heard = log()
        answer = dana.post(address, {"why": "paper_file"})
        page = page_of(answer)
        for words in (CANARY, ADDED["text"], "Robin Marlowe", "Dana Whitlock", 'data-foot="Alder Lane"'):
            assert words in page
        assert heard.acts == [done(Act.NOTE_PRINTED)]
        [entry] = browse_log(Filters(acts=frozenset({Act.NOTE_PRINTED}))).entries
        assert (entry.purpose, entry.fields, entry.target_uuid) == (Purpose.RECORD_MANAGEMENT, ("paper_file",), note.pk)
        assert answer["Content-Disposition"] == f'attachment; filename="{desk.client.code}-note.pdf"'
        assert answer["Cache-Control"] == "no-store"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"

    def test_for_the_clients_hand_names_the_practice_only_if_they_want_it(self, dana, desk):
        address = f"/notes/{desk.sign().pk}/print/"
        assert "Alder Lane" not in page_of(dana.post(address, {"why": "clients_hand"}))
        assert 'data-foot="Alder Lane"' in page_of(dana.post(address, {"why": "clients_hand", "named": "on"}))

    def test_waits_for_a_reason(self, dana, desk, log):
        note, heard = desk.sign(), log()
        for sent in ({}, {"why": "curiosity"}):
            assert "Error: " in text_of(dana.post(f"/notes/{note.pk}/print/", sent))
        assert Act.NOTE_PRINTED not in [act for act, _ in heard.acts]

    def test_is_no_process_note(self, dana, desk):
        note = desk.sign(NoteKind.PROCESS)
        assert "/print/" not in text_of(dana.get(f"/notes/{note.pk}/"))
        with pytest.raises(NoSuchNote):
            find_printable(by=desk.by, note_id=note.pk)

    def test_is_nobodys_who_only_covers(self, robin_signed, desk, log):
        note, record = desk.sign(), Record(robin_signed, desk.client)
        arrange(record)
        open_it(record)
        heard = log()
        with pytest.raises(NoSuchClient):
            find_printable(by=record.sam, note_id=note.pk)
        assert heard.acts == [denied(Act.ACCESS_REFUSED)]

    def test_is_refused_in_words_where_no_press_runs(self, dana, desk, echo):
        echo.unlink()
        answer = dana.post(f"/notes/{desk.sign().pk}/print/", {"why": "beside_me"})
        assert "This computer cannot make PDF files now." in text_of(answer)
        assert CANARY not in text_of(answer)


@pytest.mark.usefixtures("echo")
class TestTheRecord:
    def test_is_printed_whole_with_the_practice_at_its_foot(self, dana, desk):
        desk.sign()
        page = page_of(dana.post(f"/clients/{desk.client.pk}/print/", {"why": "legal_duty"}))
        assert CANARY in page
        assert "Who opened this record" in page
        assert 'data-foot="Alder Lane"' in page
        [entry] = browse_log(Filters(acts=frozenset({Act.RECORD_PRINTED}))).entries
        assert entry.purpose == Purpose.LEGAL


@pytest.mark.usefixtures("echo")
class TestTheConsent:
    def test_is_printed_as_it_was_signed(self, dana, desk, log):
        address = f"/clients/{desk.client.pk}/consent/print/"
        assert address in text_of(dana.get(f"/clients/{desk.client.pk}/consent/"))
        heard = log()
        page = page_of(dana.post(address, {"why": "clients_hand"}))
        row = ConsentRow.objects.get(client=desk.client)
        assert heard.acts == [done(Act.CONSENT_PRINTED)]
        for words in (row.reference, "Robin Marlowe", "10. Your choices"):
            assert words in page
        assert "Signature of the client" not in page

    def test_is_printed_empty_to_be_signed_with_a_pen(self, dana, desk, log):
        address = f"/clients/{desk.client.pk}/consent/print-form/"
        assert address in text_of(dana.get(f"/clients/{desk.client.pk}/consent/"))
        heard = log()
        page = page_of(dana.post(address, {"why": "clients_hand"}))
        assert heard.acts == [done(Act.CONSENT_FORM_PRINTED)]
        assert "Signature of the client" in page
        for words in ("Robin", desk.client.code, "Alder Lane"):
            assert words not in page

    def test_says_so_where_there_is_nothing(self, cast, signed_in):
        sam, at = signed_in(cast.sam), f"/clients/{cast.noor.client_id}/consent"
        assert "There is no signed form yet." in text_of(sam.post(f"{at}/print/", {"why": "beside_me"}))
        alter(Version.objects.all(), effective_at=timezone.now().replace(year=2100))
        assert "has not published this form yet" in text_of(sam.post(f"{at}/print-form/", {"why": "beside_me"}))
        acts = frozenset({Act.CONSENT_PRINTED, Act.CONSENT_FORM_PRINTED})
        assert not browse_log(Filters(acts=acts)).entries
