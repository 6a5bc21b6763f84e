"""Bringing a list of clients in: looked through first, then all of them or nobody, and nobody is told."""

from datetime import timedelta
from time import process_time
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from access.models import Practice
from access.roles import Role
from audit.models import Entry, EntrySubject
from clients.models import Care, Client
from clients.services.bringing import AlreadyBrought, Newcomers
from clients.services.contacts import Contact, browse_clients
from clients.services.correcting import NoAddress, know_contact, renew_invitation
from clients.services.inviting import MayNotInvite, NoSuchTherapist
from consent.decide import Elsewhere
from consent.kinds import EventKind
from consent.models import Event
from consent.purposes import Purpose
from consent.services.deciding import decide_for
from keys.services import Place, VaultKind, holds_key, key_id_of_holder
from practice.importing.service import bring_clients
from tests.access.pages.visitors import text_of
from tests.practice.importing.conftest import CANARY, CONFIRM, LIST, entries, shown, upload

PAPER = Contact("Ines Moreau", "ines@post.example", signed_on="2023-03-05", paper="Blue folder", reference="17")
PHONE = Contact("Ada Quist", "", "+1 555 0188")


@pytest.fixture
def by(cast):
    return cast.manager.as_(Role.MANAGER)


@pytest.fixture
def new(cast):
    return Newcomers([PAPER, PHONE], cast.dana.user.pk, uuid4())


@pytest.fixture
def brought(by, new):
    return bring_clients(by=by, new=new, at=timezone.now())


class TestBringClients:
    def test_puts_them_in_care_and_seals_what_names_them(self, cast, brought):
        for client, contact in zip(brought, (PAPER, PHONE), strict=True):
            assert [care.therapist for care in Care.objects.filter(client=client)] == [cast.dana.user]
            assert contact.name.encode() not in bytes(client.sealed_contact)
            for person in (cast.dana, cast.manager):
                assert holds_key(key_id=key_id_of_holder(person.user.pk), place=Place(VaultKind.CONTACT, client.pk))
        listed = browse_clients(by=cast.dana.as_(Role.THERAPIST), at=timezone.now())
        assert {PAPER, PHONE} <= {row.contact for row in listed}

    def test_notes_who_had_signed_and_until_when_that_counts(self, brought):
        [event] = Event.objects.filter(client__in=brought)
        assert (event.client, event.kind) == (brought[0], EventKind.SIGNED_ELSEWHERE)
        assert event.until - event.at == timedelta(days=60)

    def test_goes_by_the_practices_setting(self, by, new):
        Practice.objects.update(elsewhere_days=14)
        bring_clients(by=by, new=new, at=timezone.now())
        event = Event.objects.get(kind=EventKind.SIGNED_ELSEWHERE)
        assert event.until - event.at == timedelta(days=14)

    def test_leaves_an_entry_for_each(self, brought):
        assert entries("client:brought") == 2
        assert entries("consent:elsewhere") == 1
        handles = {bytes(client.log_handle) for client in brought}
        brought_by = Entry.objects.filter(action="client:brought").values("pk")
        of_them = EntrySubject.objects.filter(entry_id__in=brought_by)
        assert {bytes(subject.handle) for subject in of_them} == handles

    def test_tells_nobody(self, settings, by, new, counted):
        settings.EMAIL_CONFIGURED = True
        before = counted()
        bring_clients(by=by, new=new, at=timezone.now())
        assert not mail.outbox
        clients, care, letters, events, invitations, vaults, _ = counted()
        assert [clients, care, letters, events, invitations, vaults] == [
            before[0] + 2,
            before[1] + 2,
            before[2],
            before[3] + 1,
            before[4],
            before[5] + 2,
        ]

    def test_sent_twice_is_done_once(self, by, new, brought, counted):
        before = counted()
        with pytest.raises(AlreadyBrought):
            bring_clients(by=by, new=new, at=timezone.now())
        assert counted() == before

    def test_is_all_or_nobody(self, by, new, counted, monkeypatch):
        def fail(**_):
            raise ZeroDivisionError

        before = [*counted(), entries("client:brought"), entries("care:started")]
        monkeypatch.setattr("practice.importing.service.note_signed_elsewhere", fail)
        with pytest.raises(ZeroDivisionError):
            bring_clients(by=by, new=new, at=timezone.now())
        assert [*counted(), entries("client:brought"), entries("care:started")] == before

    def test_of_a_therapist_is_into_their_own_care(self, cast, new, counted):
        before = counted()
        with pytest.raises(NoSuchTherapist):
            bring_clients(by=cast.sam.as_(Role.THERAPIST), new=new, at=timezone.now())
        assert counted() == before
        assert len(bring_clients(by=cast.dana.as_(Role.THERAPIST), new=new, at=timezone.now())) == 2

    def test_follows_the_setting_who_invites(self, cast, new, counted):
        Practice.objects.update(therapists_invite=False)
        before = counted()
        with pytest.raises(MayNotInvite):
            bring_clients(by=cast.dana.as_(Role.THERAPIST), new=new, at=timezone.now())
        assert counted() == before

    def test_invites_nobody_without_an_address(self, by, brought):
        known = know_contact(by=by, client=brought[1], at=timezone.now())
        with pytest.raises(NoAddress):
            renew_invitation(by=by, known=known, form=uuid4(), at=timezone.now())
        known = know_contact(by=by, client=brought[0], at=timezone.now())
        assert renew_invitation(by=by, known=known, form=uuid4(), at=timezone.now()).code

    def test_of_three_hundred_is_one_press(self, by, cast, manager):
        rows = "".join(f"Client {number},c{number}@post.example,2024-01-02,Cabinet\n" for number in range(300))
        began = process_time()
        preview = upload(manager, f"Name,Email,Signed on,Paper\n{rows}", cast)
        answer = manager.post(CONFIRM, shown(preview))
        took = process_time() - began
        assert "300 clients brought in" in text_of(answer)
        assert Event.objects.filter(kind=EventKind.SIGNED_ELSEWHERE).count() == 300
        assert took < 15


class TestTheGate:
    def test_answers_with_the_paper_until_its_day(self, brought):
        now, client = timezone.now(), brought[0]
        event = Event.objects.get(kind=EventKind.SIGNED_ELSEWHERE)
        for day in (now, now - timedelta(days=3), event.until - timedelta(seconds=1)):
            decision = decide_for(client=client, purpose=Purpose.SESSION_NOTE, session_at=day, at=max(day, now))
            assert decision == Elsewhere(event.pk, event.until)
        after = decide_for(client=client, purpose=Purpose.SESSION_NOTE, session_at=event.until, at=event.until)
        assert type(after).__name__ == "NeedSign"

    def test_asks_who_has_signed_nowhere(self, brought):
        now = timezone.now()
        decision = decide_for(client=brought[1], purpose=Purpose.SESSION_NOTE, session_at=now, at=now)
        assert type(decision).__name__ == "NeedSign"


class TestCorrecting:
    def test_keeps_what_is_known_from_before(self, cast, manager, brought):
        address = f"/clients/{brought[0].pk}/contact/"
        seen = manager.get(address).context["form"]["seen"].value()
        typed = {"name": "Ines Moreau-Quist", "address": PAPER.address, "seen": seen, "form": str(uuid4())}
        manager.post(address, typed)
        page = text_of(manager.get(f"/clients/{brought[0].pk}/"))
        for words in ("Ines Moreau-Quist", "17", "5 March 2023. The paper: Blue folder"):
            assert words in page


class TestThePages:
    def test_look_through_the_list_and_keep_nothing(self, cast, manager, counted):
        before = counted()
        page = text_of(upload(manager, LIST, cast))
        assert "2 clients will come into the care of" in page
        assert "1 row will be left out" in page
        assert "5 March 2023: Blue folder, shelf 2" in page
        assert "Row 4 , Lee Nobody There is neither an e-mail address nor a phone number." in page
        assert counted() == before

    def test_bring_in_what_was_shown(self, cast, manager):
        before = Client.objects.count()
        answer = manager.post(CONFIRM, shown(upload(manager, LIST, cast)))
        page = text_of(answer)
        assert "2 clients brought in" in page
        assert "Left out: 1" in page
        assert Client.objects.count() == before + 2
        assert f"Ines {CANARY}" in text_of(manager.get("/clients/"))

    def test_twice_say_that_it_is_done(self, cast, manager, counted):
        typed = shown(upload(manager, LIST, cast))
        manager.post(CONFIRM, typed)
        before = counted()
        assert "Something has changed since you looked" in text_of(manager.post(CONFIRM, typed))
        assert counted() == before

    def test_bring_in_once_more_only_who_is_missing(self, cast, manager, counted):
        manager.post(CONFIRM, shown(upload(manager, LIST, cast)))
        page = text_of(upload(manager, LIST.replace("Lee Nobody,", "Lee Nobody,lee@post.example"), cast))
        assert "1 client will come" in page
        assert page.count("Here already, with the code") == 2

    def test_tell_of_the_same_person_twice(self, cast, manager):
        text = "Name,Contact\nIda,ida@post.example\nida,IDA@post.example\nOtto,ida@post.example\n"
        page = text_of(upload(manager, text, cast))
        assert "Row 2 brings in the same." in page
        assert "2 clients will come" in page

    def test_show_a_therapist_what_to_sign_as_no_debt(self, cast, manager, dana):
        manager.post(CONFIRM, shown(upload(manager, LIST, cast)))
        page = text_of(dana.get("/today/"))
        assert "To sign at the next session" in page
        assert "Signed elsewhere, to sign here by" in page
        assert "Written before a signature" not in page

    @pytest.mark.parametrize(
        ("raw", "words"),
        [
            (b"", "This file is empty."),
            (b"PK\x03\x04\x00\x00", "save the list as CSV"),
            (b"just words\n", "The first row has to say what is in each column."),
            (b"Name\n" + b"x" * 262_144, "This file is too large"),
        ],
    )
    def test_say_beside_the_file_what_is_wrong_with_it(self, cast, manager, counted, raw, words):
        before = counted()
        assert words in text_of(upload(manager, raw, cast))
        assert counted() == before

    def test_ask_again_without_a_file(self, cast, manager):
        assert "Please choose the file" in text_of(manager.post("/clients/bring/", {}))

    def test_are_closed_where_managers_invite(self, cast, dana, counted):
        Practice.objects.update(therapists_invite=False)
        before = counted()
        assert "managers invite clients" in text_of(dana.get("/clients/bring/"))
        assert "managers invite clients" in text_of(upload(dana, LIST, cast))
        assert "Bring in a list" not in text_of(dana.get("/clients/"))
        assert counted() == before

    @pytest.mark.parametrize("change", [{"listed": "no list"}, {"therapist": "x"}, {"therapist": str(uuid4())}])
    def test_bring_in_nothing_from_a_form_that_was_altered(self, cast, manager, counted, change):
        typed = shown(upload(manager, LIST, cast))
        before = counted()
        assert manager.post(CONFIRM, {**typed, **change}).status_code == 302
        assert counted() == before
