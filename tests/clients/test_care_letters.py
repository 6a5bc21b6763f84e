"""The letter about a change of care: sealed where it can be, a mail that says nothing, and nothing to sign."""

import pytest
from django.utils import timezone

from audit.acts import Act
from clients.models import CareLetter
from clients.services.ending import end_care
from clients.services.handing import hand_over
from clients.services.letters import browse_letters, count_letters
from clients.services.sharing import NoKeyToShare, share_keys
from keys.errors import SealBroken
from keys.models import Grant
from keys.services import VaultKind
from tests.access.pages.visitors import invite_ines, text_of
from tests.clients.conftest import Record

PASSED = "Your care passed from Dana Whitlock to Samuel Okafor. Samuel Okafor looks after you from now on."


@pytest.fixture
def handed(cast, record):
    hand_over(by=record.dana, client=record.client, seen=record.mark(cast.sam), at=timezone.now())
    return record


def texts(record):
    return [letter.text for letter in browse_letters(by=record.robin, client=record.client, at=timezone.now())]


class TestALetter:
    def test_says_from_whom_to_whom(self, handed):
        assert texts(handed) == [PASSED]

    def test_is_sealed_in_what_the_client_shares(self, handed):
        sealed = bytes(CareLetter.objects.get(client=handed.client).sealed_text)
        assert b"Okafor" not in sealed

    def test_from_a_manager_names_who_is_in_care_from_that_day(self, cast, waiting):
        assert CareLetter.objects.get(client=waiting.client).sealed_text is None
        hand_over(by=waiting.dana, client=waiting.client, seen=waiting.mark(cast.sam), at=timezone.now())
        assert texts(waiting) == [
            PASSED,
            "Who looks after you has changed. From this day on: Dana Whitlock and Samuel Okafor.",
        ]

    def test_about_an_end_says_so(self, cast, waiting):
        now = timezone.now()
        share_keys(by=waiting.dana, client=waiting.client, seen=frozenset([waiting.mark(cast.sam)]), at=now)
        end_care(by=waiting.dana, client=waiting.client, therapist_id=cast.dana.user.pk, at=now)
        assert texts(waiting)[0] == "Dana Whitlock no longer looks after you."

    def test_is_read_in_fixed_words_by_a_client_who_waits_for_the_key(self, cast, handed):
        Grant.objects.filter(vault__kind=VaultKind.SHARED, grantee=cast.robin.person.keys.key_id).delete()
        assert texts(handed) == ["Who looks after you has changed. From this day on: Samuel Okafor."]

    def test_that_was_moved_to_another_day_opens_nowhere(self, handed):
        CareLetter.objects.filter(client=handed.client).update(written_at=timezone.now())
        with pytest.raises(SealBroken):
            texts(handed)

    def test_is_not_written_to_somebody_who_has_no_page(self, cast, record):
        ines = Record(cast, invite_ines(cast)[0])
        ines.add(cast.sam)
        assert not CareLetter.objects.filter(client=ines.client).exists()

    def test_is_new_until_it_was_read(self, handed):
        assert count_letters(client=handed.client).new == 1
        texts(handed)
        assert (count_letters(client=handed.client).has_any, count_letters(client=handed.client).new) == (True, 0)

    def test_leaves_a_look(self, handed):
        texts(handed)
        assert handed.entries(Act.CARE_LETTER_READ) == 1


class TestTheMail:
    def test_says_that_something_changed_and_no_more(
        self, cast, record, mailoutbox, settings, django_capture_on_commit_callbacks
    ):
        settings.EMAIL_CONFIGURED = True
        with django_capture_on_commit_callbacks(execute=True):
            hand_over(by=record.dana, client=record.client, seen=record.mark(cast.sam), at=timezone.now())
        [mail] = mailoutbox
        assert (mail.to, mail.subject) == (["robin@post.example"], "Your page")
        for told in ("Robin", "Dana", "Okafor", "Alder", "care", "therap", "http"):
            assert told not in mail.body

    def test_is_not_sent_for_what_was_refused(
        self, cast, record, mailoutbox, settings, django_capture_on_commit_callbacks
    ):
        settings.EMAIL_CONFIGURED = True
        Grant.objects.filter(vault__kind=VaultKind.RECORD, grantee=cast.dana.keys.key_id).delete()
        with django_capture_on_commit_callbacks(execute=True), pytest.raises(NoKeyToShare):
            hand_over(by=record.dana, client=record.client, seen=record.mark(cast.sam), at=timezone.now())
        assert mailoutbox == []


class TestMyLettersPage:
    def test_is_announced_on_the_first_page_once(self, cast, signed_in, handed):
        robin = signed_in(cast.robin.person)
        assert "1 new letter about who looks after you." in text_of(robin.get("/my/"))
        words = text_of(robin.get(f"/my/{handed.client.pk}/letters/"))
        assert PASSED in words
        assert "you sign nothing again" in words
        assert "new letter" not in text_of(robin.get("/my/"))

    def test_is_not_there_before_the_first(self, cast, signed_in, record):
        robin = signed_in(cast.robin.person)
        assert "Letters to you" not in text_of(robin.get("/my/"))
        assert "There are no letters yet." in text_of(robin.get(f"/my/{record.client.pk}/letters/"))

    def test_is_nobody_elses(self, cast, signed_in, handed):
        assert signed_in(cast.noor.person).get(f"/my/{handed.client.pk}/letters/").status_code == 404
        assert signed_in(cast.sam).get(f"/my/{handed.client.pk}/letters/").status_code == 403
