"""The pages: files are chosen and looked through, and what was shown comes in, all of it or nothing."""

from datetime import timedelta
from time import process_time
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from access.models import KeySession
from access.roles import Role
from audit.models import Entry
from clients.services.bringing import Newcomers
from clients.services.caring import start_care
from clients.services.contacts import Contact
from clients.services.finding import find_client
from keys.errors import KeyRefused
from keys.models import Vault
from notes.models import Note
from notes.services.importing import NotTheirOwn
from practice.importing import past as past_notes
from practice.importing import past_views
from practice.importing.service import bring_clients
from tests.access.pages.visitors import text_of
from tests.practice.importing.past import CANARY, docx, zipped

CHOOSE, BRING = "/notes/bring/", "/notes/bring/confirmed/"
FOLDER = {
    "Robin Marlowe/2024-03-01.txt": f"She slept. {CANARY}",
    "Marlowe, Robin/2024-03-08.docx": docx("She slept better.", "And dreamt."),
    "Noor Haddad/2024-03-02.txt": "Of Sam's.",
    "Nobody/2024-03-02.txt": "Of nobody.",
    "Robin Marlowe/undated.txt": "When was this?",
    "Robin Marlowe/picture.png": b"\x89PNG",
}


def choose(browser, files=FOLDER):
    return browser.post(CHOOSE, {"notes": SimpleUploadedFile("past.zip", zipped(files))})


def shown(answer, **more):
    """Return what the preview's form would send."""
    form = answer.context["form"]
    return {**{name: str(form[name].value()) for name in form.fields}, **more}


@pytest.fixture
def nothing_new():
    before = Note.objects.count()
    yield
    assert Note.objects.count() == before


class TestThePreview:
    def test_shows_what_would_come_in_and_what_not(self, dana, nothing_new):
        page = text_of(choose(dana))
        assert "2 notes about 1 client will come in; 3 will be left out. Nobody is mailed." in page
        assert "Nobody in your care is called “Noor Haddad”." in page
        assert "Nobody in your care is called “Nobody”." in page
        assert "Only text, DOCX and CSV files are read." in page
        for words in ("1 March 2024 to 8 March 2024", f"She slept. {CANARY}", "Robin Marlowe/2024-03-01.txt"):
            assert words in page
        assert "Robin Marlowe/undated.txt" in page

    def test_takes_several_files_at_once(self, dana, nothing_new):
        files = [
            SimpleUploadedFile("Robin Marlowe 2024-03-01.txt", b"A"),
            SimpleUploadedFile("Robin Marlowe.csv", b"Date,Note\n2024-03-02,B\n2024-03-03,C\n"),
        ]
        assert "3 notes about 1 client" in text_of(dana.post(CHOOSE, {"notes": files}))

    def test_names_whoever_gets_a_key(self, cast, dana, nothing_new):
        manager = cast.manager.as_(Role.MANAGER)
        robin = find_client(by=manager, client_id=cast.robin.client_id)
        answer = choose(dana)
        start_care(by=manager, client=robin, therapist_id=cast.sam.user.pk, at=timezone.now())
        assert "Something has changed since you looked" in text_of(dana.post(BRING, shown(answer)))
        assert "also for Samuel Okafor" in text_of(choose(dana))

    def test_says_beside_the_files_what_is_wrong(self, dana, nothing_new, monkeypatch):
        assert "Please choose the files." in text_of(dana.post(CHOOSE, {}))
        broken = {"notes": SimpleUploadedFile("p.zip", b"PK\x03\x04")}
        assert "This ZIP is damaged." in text_of(dana.post(CHOOSE, broken))
        large = {"notes": [SimpleUploadedFile(f"{number}.txt", b"x" * 4_500_000) for number in range(2)]}
        assert "Together these files are too large." in text_of(dana.post(CHOOSE, large))
        monkeypatch.setattr(past_notes, "_LARGEST_PARCEL", 100)
        assert "bring them in parts" in text_of(choose(dana))

    def test_is_no_managers(self, cast, signed_in):
        assert signed_in(cast.manager).get(CHOOSE).status_code == 403


class TestBringing:
    def test_brings_in_what_was_shown_and_a_day_that_was_given(self, cast, dana):
        answer = dana.post(BRING, shown(choose(dana), day_4="2024-03-15"))
        assert "3 notes brought in" in text_of(answer)
        notes = Note.objects.order_by("session_at")
        assert [timezone.localdate(note.session_at).day for note in notes] == [1, 8, 15]
        page = text_of(dana.get(f"/clients/{cast.robin.client_id}/notes/"))
        assert "Imported" in page
        assert "Signed late" not in page
        page = text_of(dana.get(f"/notes/{notes[0].pk}/"))
        for words in ("Past note of 1 March 2024", "Imported by Dana Whitlock", "not that they wrote it", CANARY):
            assert words in page

    def test_leaves_out_what_got_no_day(self, dana):
        page = text_of(dana.post(BRING, shown(choose(dana))))
        assert "2 notes brought in" in page
        assert "Left out without a day: 1" in page

    def test_asks_again_where_a_day_cannot_be(self, dana, nothing_new):
        page = dana.post(BRING, shown(choose(dana), day_4="tomorrow")).content.decode()
        assert "Please write this day as 2026-11-18." in page
        assert 'value="tomorrow"' in page

    def test_gives_no_key_to_a_colleague_who_came_after_the_page_was_compared(
        self, cast, dana, nothing_new, monkeypatch
    ):
        """The day that was typed makes a second look necessary, and Sam comes into care just before it."""
        manager, look = cast.manager.as_(Role.MANAGER), past_views.look_through_past
        robin = find_client(by=manager, client_id=cast.robin.client_id)

        def look_late(**given):
            if given["days"]:
                start_care(by=manager, client=robin, therapist_id=cast.sam.user.pk, at=timezone.now())
            return look(**given)

        typed = shown(choose(dana), day_4="2024-03-15")
        monkeypatch.setattr(past_views, "look_through_past", look_late)
        answer = dana.post(BRING, typed)
        page = answer.content.decode()
        assert "Please confirm who else will be able to open this record." in page
        assert not Vault.objects.filter(subject=robin.pk, kind="record").exists()
        assert 'value="2024-03-15"' in page
        assert "also for Samuel Okafor" in text_of(answer)

    @pytest.mark.parametrize(
        ("refused", "words"), [(NotTheirOwn(), "Not all of these"), (KeyRefused("unknown"), "could not be vouched")]
    )
    def test_keeps_notes_and_days_where_it_is_refused(self, dana, nothing_new, monkeypatch, refused, words):
        def refuse(**_):
            raise refused

        typed = shown(choose(dana), day_4="2024-03-15")
        monkeypatch.setattr(past_views, "import_notes", refuse)
        page = dana.post(BRING, typed).content.decode()
        assert words in page
        assert typed["parcel"] in page
        assert 'value="2024-03-15"' in page

    def test_twice_brings_nothing_twice(self, dana):
        typed = shown(choose(dana))
        dana.post(BRING, typed)
        assert "Something has changed since you looked" in text_of(dana.post(BRING, typed))
        page = text_of(choose(dana))
        assert page.count("Here already") == 2
        assert "0 notes" in page
        assert Note.objects.count() == 2

    @pytest.mark.parametrize("change", [{"parcel": "x"}, {"form": "x"}, {"seen": "x"}])
    def test_takes_no_form_that_was_altered(self, dana, nothing_new, change):
        dana.post(BRING, {**shown(choose(dana)), **change})

    def test_takes_nobody_elses_form(self, cast, dana, signed_in, nothing_new):
        typed = shown(choose(dana, {"Noor Haddad/2024-03-01.txt": "A", "Robin Marlowe/2024-03-01.txt": "A"}))
        assert signed_in(cast.sam).post(BRING, typed).status_code == 302

    def test_asks_for_the_passphrase_and_keeps_the_notes(self, cast, dana, nothing_new):
        typed = shown(choose(dana))
        KeySession.objects.update(fresh_at=timezone.now() - timedelta(hours=3))
        answer = dana.post(BRING, typed)
        assert answer.status_code == 423
        assert typed["parcel"] in answer.content.decode()

    def test_of_three_hundred_clients_is_one_press(self, cast, dana):
        contacts = [Contact(f"Client {number}", f"c{number}@post.example") for number in range(300)]
        new = Newcomers(contacts, cast.dana.user.pk, uuid4())
        bring_clients(by=cast.manager.as_(Role.MANAGER), new=new, at=timezone.now())
        files = {f"Client {number}/2024-03-01.txt": f"Note {number}" for number in range(300)}
        began = process_time()
        preview = choose(dana, files)
        answer = dana.post(BRING, shown(preview))
        took = process_time() - began
        assert "300 records are begun with these notes." in text_of(preview)
        assert "300 notes brought in" in text_of(answer)
        assert Entry.objects.filter(action="note:imported").count() == 2
        assert took < 30
