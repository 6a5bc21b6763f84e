"""A signed note on its page, and what was added to it."""

from datetime import timedelta

from django.utils import timezone

from access.models import KeySession
from clients.services.therapy import end_therapy
from notes.kinds import NoteKind
from notes.models import Addendum, Draft, Note, Withdrawal
from tests.conftest import SignIn
from tests.notes.conftest import ADDED, CANARY, FIELDS
from tests.notes.pages.browsing import text_of


class TestAnAddendum:
    def test_is_written_reviewed_and_signed_like_a_note(self, dana, desk):
        note = desk.sign()
        page = dana.post(f"/notes/{note.pk}/addendum/")
        draft = Draft.objects.get()
        assert page.url == f"/drafts/{draft.pk}/"
        assert "Addendum to Session on" in text_of(dana.get(page.url))
        saved = dana.post(f"{page.url}save/", {**ADDED, "revision": "0"})
        assert saved.json()["revision"] == 1
        review = text_of(dana.get(f"{page.url}review/"))
        assert "Something in the note is wrong" in review
        assert "the addendum cannot be changed" in review
        signed = dana.post(f"{page.url}sign/", {"revision": "1"})
        assert signed.url == f"/notes/{note.pk}/"
        read = text_of(dana.get(signed.url))
        assert read.index(FIELDS["together"]) < read.index("Addendum 1") < read.index(ADDED["text"])
        # Who comes back to its draft is led to the note.
        assert dana.get(page.url).url == signed.url

    def test_cannot_be_moved_to_another_moment(self, dana, desk):
        dana.post(f"/notes/{desk.sign().pk}/addendum/")
        draft = Draft.objects.get()
        assert "Change when it was" not in text_of(dana.get(f"/drafts/{draft.pk}/"))
        page = dana.post(f"/drafts/{draft.pk}/date/", {"session_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}"})
        assert "about the same moment as its note" in text_of(page)

    def test_is_named_in_lists_and_found(self, dana, desk):
        desk.amend(desk.sign())
        assert "1 addendum" in text_of(dana.get(f"/clients/{desk.client.pk}/notes/"))
        dana.post(f"/notes/{Note.objects.get().pk}/addendum/")
        assert "Addendum to Session on" in text_of(dana.get("/today/"))
        found = dana.post("/search/", {"words": "fourteen"})
        assert "Addendum 1 to Session" in b"".join(found.streaming_content).decode()

    def test_waits_until_care_is_taken_up_again(self, dana, desk):
        note = desk.sign()
        desk.amend(note)
        end_therapy(by=desk.by, client=desk.client, at=timezone.now())
        page = text_of(dana.get(f"/notes/{note.pk}/"))
        assert CANARY in page
        assert "Addendum 1" in page
        assert "take the client into care again" in page
        refused = dana.post(f"/notes/{note.pk}/addendum/", follow=True)
        assert "Nothing was begun." in text_of(refused)
        assert not Draft.objects.exists()
        assert "1 addendum" in text_of(dana.get(f"/clients/{desk.client.pk}/ended/"))

    def test_is_offered_to_nobody_else(self, cast, desk, signed_in: SignIn):
        note = desk.sign()
        assert signed_in(cast.sam).post(f"/notes/{note.pk}/addendum/").status_code == 404
        assert not Draft.objects.exists()
        assert not Addendum.objects.exists()


class TestANoteForTheWrongClient:
    def test_leaves_a_stub_and_begins_a_draft_for_the_right_one(self, cast, dana, desk, right):
        note = desk.sign()
        assert f"/notes/{note.pk}/withdraw/" in text_of(dana.get(f"/notes/{note.pk}/"))
        assert "This cannot be undone." in text_of(dana.get(f"/notes/{note.pk}/withdraw/"))
        withdrawn = dana.post(f"/notes/{note.pk}/withdraw/", follow=True)
        page = text_of(withdrawn)
        assert "had been written for another client" in page
        assert CANARY not in page
        assert "Withdrawn: written for another client" in text_of(dana.get(f"/clients/{desk.client.pk}/notes/"))
        address = f"/notes/{note.pk}/carry/"
        assert cast.robin.name in text_of(dana.get(address))
        sent = {"client": str(right.client.pk), "session_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}", "minutes": "50"}
        asked = text_of(dana.post(address, sent))
        assert "Please confirm who else" in asked
        begun = dana.post(address, {**sent, "readers": [str(cast.sam.user.pk)]})
        draft = Draft.objects.get()
        assert begun.url == f"/drafts/{draft.pk}/"
        written = text_of(dana.get(begun.url))
        assert FIELDS["together"] in written
        assert cast.robin.name not in written

    def test_says_at_the_form_why_the_gate_says_no(self, dana, desk, right):
        note = desk.sign()
        dana.post(f"/notes/{note.pk}/withdraw/")
        moment = timezone.localtime() - timedelta(days=3)
        sent = {"client": str(right.client.pk), "session_at": f"{moment:%Y-%m-%dT%H:%M}"}
        page = text_of(dana.post(f"/notes/{note.pk}/carry/", sent))
        assert "before the client signed" in page
        assert not Draft.objects.exists()

    def test_wants_the_passphrase_anew(self, cast, dana, desk):
        note = desk.sign()
        KeySession.objects.filter(user=cast.dana.user).update(fresh_at=timezone.now() - timedelta(minutes=11))
        assert dana.post(f"/notes/{note.pk}/withdraw/").status_code == 423
        assert not Withdrawal.objects.exists()

    def test_is_its_authors_to_withdraw(self, cast, desk, shared_desk, signed_in: SignIn):
        note, sam = desk.sign(), signed_in(cast.sam)
        assert "Written for the wrong client?" not in text_of(sam.get(f"/notes/{note.pk}/"))
        for address in ("withdraw", "carry"):
            assert "Only the author" in text_of(sam.post(f"/notes/{note.pk}/{address}/", follow=True))
        assert not Withdrawal.objects.exists()

    def test_is_withdrawn_before_it_is_taken_along(self, dana, desk):
        note = desk.sign()
        assert dana.get(f"/notes/{note.pk}/carry/").url == f"/notes/{note.pk}/withdraw/"

    def test_takes_a_draft_along_too(self, cast, dana, desk, right):
        draft = desk.write()
        address = f"/drafts/{draft.pk}/carry/"
        assert address in text_of(dana.get(f"/drafts/{draft.pk}/"))
        sent = {"client": str(right.client.pk), "session_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}"}
        begun = dana.post(address, {**sent, "readers": [str(cast.sam.user.pk)]}, follow=True)
        assert "nothing was signed" in text_of(begun)
        assert Draft.objects.get().client == right.client


class TestALateEntry:
    def test_is_marked_as_one_wherever_it_is_shown(self, cast, dana, desk, signed_in: SignIn):
        long_ago = timezone.now() - timedelta(hours=73)
        draft = desk.write(NoteKind.CALL, session_at=long_ago.replace(microsecond=0))
        assert "marked as a late entry" in text_of(dana.get(f"/drafts/{draft.pk}/review/"))
        dana.post(f"/drafts/{draft.pk}/sign/", {"revision": "1"})
        assert "after the session: a late entry" in text_of(dana.get(f"/notes/{draft.pk}/"))
        found = dana.post("/search/", {"words": "zaunkonig"})
        for page in (
            text_of(dana.get(f"/clients/{desk.client.pk}/notes/")),
            b"".join(found.streaming_content).decode(),
        ):
            assert "Signed late" in page
        assert "Signed a progress note, as a late entry" in text_of(signed_in(cast.manager).get("/log/"))
        robin = signed_in(cast.robin.person)
        assert "signed one of your notes, as a late entry" in text_of(robin.get(f"/my/{desk.client.pk}/looks/"))
