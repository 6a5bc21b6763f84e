"""What a release gives: to the custodian alone, and one step at a time."""

from uuid import uuid4

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.models import CareLetter, Client
from clients.models.custody import Handed, Release
from clients.services.finding import NoSuchClient, find_client
from clients.services.giving import LASTS
from clients.services.handing import hand_over
from clients.services.looks import browse_looks
from clients.services.readers import SHEETS, browse_readers
from clients.services.wills import Wishes
from keys.models import Grant
from keys.services import Place, VaultKind, holds_for_good, key_id_of_holder
from notes.kinds import NoteKind
from notes.models import Note
from notes.services.finding import NoSuchNote
from notes.services.handed import browse_handed_notes, read_handed_note
from notes.services.reading import read_note
from notes.services.withdrawing import withdraw_note
from practice.cast import enrol_colleague
from practice.policy import POLICY, Record
from tests.access.pages.visitors import text_of
from tests.addresses import address_of
from tests.clients.cover.conftest import arrange, open_it
from tests.notes.conftest import ADDED, Desk, fields_of
from tests.practice.custody.conftest import CONTACTS, NOTES, WORDS, contact_list, loans


class TestTheFirstStep:
    def test_gives_contact_and_wishes_and_nothing_that_was_written(self, given):
        assert given.vaults_of(given.cast.sam) == CONTACTS
        reached = contact_list(given)
        assert [row.label for row in reached.clients] == ["Robin Marlowe"]
        assert (reached.wishes, reached.readable) == (Wishes(WORDS), frozenset())

    def test_gives_them_for_ninety_days(self, given):
        release = Release.objects.get()
        assert release.until == release.given_at + LASTS
        assert set(loans(given).values_list("expires_at", flat=True)) == {release.until}

    def test_gives_nobody_else_a_key(self, waited):
        before = {person: waited.vaults_of(person) for person in (waited.cast.manager, waited.cast.auditor)}
        waited.give()
        assert {person: waited.vaults_of(person) for person in before} == before

    def test_puts_nobody_in_care_and_counts_for_no_holder(self, given):
        assert given.carers() == {given.cast.dana.user.pk}
        place = Place(VaultKind.CONTACT, given.client.pk)
        assert not holds_for_good(key_id=key_id_of_holder(given.cast.sam.user.pk), place=place)

    def test_is_in_the_log_before_a_key_is_opened(self, waited, monkeypatch):
        def fail(*_args: object, **_named: object) -> None:
            raise OSError("the power fails")

        monkeypatch.setattr("practice.custody.leading.give", fail)
        with pytest.raises(OSError, match="power"):
            waited.give()
        assert (waited.entries(Act.CUSTODY_BEGUN), waited.entries(Act.CUSTODY_CONTACTS_GIVEN)) == (1, 0)

    def test_lets_a_custodian_lead_too(self, waited):
        waited.give(waited.sam)
        assert waited.vaults_of(waited.cast.sam) == CONTACTS

    def test_ends_a_cover_of_the_same_record(self, written):
        """Else the end of the one would take the key of the other."""
        arrange(written)
        open_it(written)
        written.release()
        assert loans(written).filter(vault__kind=VaultKind.RECORD).count() == 0
        with pytest.raises(NoSuchClient):
            open_it(written)

    def test_leaves_what_the_custodian_holds_for_good(self, cast, given, signed_in):
        """Noor is Sam's own client, and was in nobody's will."""
        assert Handed.objects.get().client == given.client
        noor = Place(VaultKind.CONTACT, cast.noor.client_id)
        assert holds_for_good(key_id=key_id_of_holder(cast.sam.user.pk), place=noor)


class TestTheSecondStep:
    def test_gives_the_record_and_neither_what_is_shared_nor_process_notes(self, both):
        Desk(both.cast.dana, both.client).begin(NoteKind.PROCESS, recoverable=True)
        assert both.vaults_of(both.cast.sam) == NOTES

    def test_never_gives_process_notes_that_recovery_opens(self, given):
        Desk(given.cast.dana, given.client).begin(NoteKind.PROCESS, recoverable=True)
        given.release()
        assert VaultKind.PROCESS not in given.vaults_of(given.cast.sam)

    def test_lets_signed_notes_be_read(self, both):
        found = browse_handed_notes(by=both.sam, client_id=both.client.pk, at=timezone.now())
        assert found.label == "Robin Marlowe"
        opened = read_handed_note(by=both.sam, note_id=found.notes[0].pk, at=timezone.now())
        assert opened.fields == fields_of(NoteKind.CALL)

    def test_shows_no_process_note(self, both):
        process = Desk(both.cast.dana, both.client).sign(NoteKind.PROCESS, recoverable=True)
        with pytest.raises(NoSuchNote):
            read_handed_note(by=both.sam, note_id=process.pk, at=timezone.now())
        found = browse_handed_notes(by=both.sam, client_id=both.client.pk, at=timezone.now())
        assert process not in found.notes

    def test_shows_an_addendum_and_nothing_of_what_was_withdrawn(self, both):
        desk, [listed] = Desk(both.cast.dana, both.client), list(Note.objects.all())
        desk.amend(listed)
        assert read_handed_note(by=both.sam, note_id=listed.pk, at=timezone.now()).addenda[0].fields == ADDED
        withdraw_note(by=desk.by, note_id=listed.pk, at=timezone.now())
        with pytest.raises(NoSuchNote):
            read_handed_note(by=both.sam, note_id=listed.pk, at=timezone.now())
        [stub] = browse_handed_notes(by=both.sam, client_id=both.client.pk, at=timezone.now()).notes
        assert stub.is_withdrawn

    def test_opens_no_other_page_of_the_record(self, both, signed_in):
        with pytest.raises(NoSuchClient):
            find_client(by=both.sam, client_id=both.client.pk)
        with pytest.raises(NoSuchNote):
            read_note(by=both.sam, note_id=Note.objects.get().pk, at=timezone.now())
        sam, ids = signed_in(both.cast.sam), {"client_id": both.client.pk, "note_id": Note.objects.get().pk}
        rows = {
            name: row.record
            for name, row in POLICY.items()
            if row.record in (Record.CLIENT, Record.NOTE) and Role.THERAPIST in row.roles
        }
        answers = {}
        for name, record in rows.items():
            argument = f"{record}_id"
            answers[name] = {
                method: getattr(sam, method)(address_of(name, **{argument: ids[argument]})).status_code
                for method in ("get", "post")
            }
        opened = {name for name, by_method in answers.items() if by_method["get"] == 200}
        assert opened == {"notes:browse_handed", "notes:read_handed", "attachments:browse"}
        assert {status for by_method in answers.values() for status in by_method.values()} == {200, 404, 405}

    def test_reaches_nobody_whom_the_first_did_not(self, cast, given):
        hand_over(
            by=cast.sam.as_(Role.THERAPIST),
            client=cast.noor.record,
            seen=given.mark(cast.dana),
            at=timezone.now(),
        )
        given.release()
        assert set(Handed.objects.values_list("client", flat=True)) == {given.client.pk}


class TestBetweenTheSteps:
    def test_the_notes_stay_shut(self, given, signed_in):
        with pytest.raises(NoSuchClient):
            browse_handed_notes(by=given.sam, client_id=given.client.pk, at=timezone.now())
        with pytest.raises(NoSuchNote):
            read_handed_note(by=given.sam, note_id=Note.objects.get().pk, at=timezone.now())

    def test_the_list_is_the_custodians_alone(self, cast, given):
        for by in (given.manager, given.dana, cast.auditor.as_(Role.AUDITOR)):
            with pytest.raises(NoSuchClient):
                contact_list(given, by)


class TestWhoIsTold:
    def test_the_client_by_a_letter_for_each_step(self, cast, both, signed_in):
        letters = text_of(signed_in(cast.robin.person).get(f"/my/{both.client.pk}/letters/"))
        assert "Samuel Okafor can now see your name and how to reach you" in letters
        assert "can now read the notes about you" in letters
        assert WORDS not in letters

    def test_the_client_of_each_look_and_as_what(self, both):
        contact_list(both)
        read_handed_note(by=both.sam, note_id=Note.objects.get().pk, at=timezone.now())
        page = browse_looks(by=both.robin, client=both.client, before=None, at=timezone.now())
        told = {(look.who, look.what, look.why) for look in page.looks}
        why = "as custodian, chosen by Dana Whitlock"
        assert ("Samuel Okafor", "looked up how to reach you", why) in told
        assert ("Samuel Okafor", "read one of your notes", why) in told
        assert "let the colleague whom your therapist chose for this read your notes" in {what for _, what, _ in told}

    def test_the_client_on_the_page_of_who_can_open_what(self, cast, given, signed_in):
        page = text_of(signed_in(cast.robin.person).get(f"/my/{given.client.pk}/readers/"))
        assert "whom Dana Whitlock chose for the day they cannot work" in page
        assert "it has come. Samuel Okafor can see your name and how to reach you since" in page

    def test_the_therapist_on_the_page_of_readers(self, given):
        doors = browse_readers(by=given.dana, client=given.client, at=timezone.now())
        [sam] = [row for row in doors[0].readers if row.name == "Samuel Okafor"]
        assert (sam.custodian_of, sam.given_by) == ("Dana Whitlock", SHEETS)

    def test_the_client_in_fixed_words_where_the_letter_does_not_open(self, cast, given, signed_in):
        Grant.objects.filter(vault__kind=VaultKind.SHARED, grantee=cast.robin.person.keys.key_id).delete()
        letters = text_of(signed_in(cast.robin.person).get(f"/my/{given.client.pk}/letters/"))
        assert "Somebody whom your therapist chose for a day like this can reach you now." in letters


class TestRestrictedClients:
    @pytest.fixture
    def hidden(self, written):
        Client.objects.filter(pk=written.client.pk).update(hidden=True)
        return written

    def test_are_given_to_nobody_unless_the_therapist_said_so(self, hidden):
        hidden.release()
        assert hidden.vaults_of(hidden.cast.sam) == {VaultKind.WILL}
        assert contact_list(hidden).clients == []

    def test_are_given_where_the_therapist_said_so_and_no_manager_learns_of_it(self, cast, hidden, signed_in):
        hidden.name(hidden_too=True)
        hidden.ask()
        hidden.confirm()
        hidden.wait()
        manager = signed_in(cast.manager)
        path = f"/people/{cast.dana.user.pk}/custody/"
        code = hidden.client.code
        shown = [manager.get(path), manager.get("/log/")]
        hidden.give()
        shown += [manager.get(path), manager.get("/log/"), manager.get("/people/")]
        assert [row.label for row in contact_list(hidden).clients] == ["Robin Marlowe"]
        assert not [page for page in shown if code in text_of(page) or "Robin" in text_of(page)]
        # That keys were given is for every reader of the log, whose they are is not.
        assert "Gave a custodian the contact list" in text_of(shown[3])

    @pytest.mark.parametrize("reader", ["manager", "auditor"])
    def test_are_named_by_no_refusal_to_the_custodian(self, cast, hidden, signed_in, reader):
        hidden.name(hidden_too=True)
        hidden.release()
        sam, address = signed_in(cast.sam), f"clients/{hidden.client.pk}/"
        assert {sam.get(f"/{start}{address}").status_code for start in ("", "custody/")} == {404}
        refused = Entry.objects.filter(obj_id=hidden.client.pk, outcome="denied")
        assert refused.count() == 2
        browser = signed_in(getattr(cast, reader))
        assert browser.get("/log/", {"about": str(hidden.client.pk)}).context["lines"] == []
        assert browser.get(f"/log/{refused[0].uid}/").status_code == 404

    def test_that_do_not_open_are_not_counted_for_a_manager(self, hidden):
        hidden.name(hidden_too=True)
        Grant.objects.filter(vault__kind=VaultKind.CONTACT, vault__subject=hidden.client.pk).update(wrap=b"x" * 1168)
        hidden.ask()
        hidden.confirm()
        hidden.wait()
        assert hidden.give() == []
        assert not Handed.objects.exists()


class TestOneThatDoesNotOpen:
    def test_holds_up_none_of_the_others_and_is_named_by_code(self, waited):
        before = CareLetter.objects.count()
        Grant.objects.filter(vault__kind=VaultKind.CONTACT, vault__subject=waited.client.pk).update(wrap=b"x" * 1168)
        assert waited.give() == [waited.client.code]
        assert (waited.vaults_of(waited.cast.sam), CareLetter.objects.count()) == ({VaultKind.WILL}, before)


class TestThePages:
    def test_give_by_sheets_and_show_the_list_and_the_notes(self, cast, waited, signed_in):
        manager, sam = signed_in(cast.manager), signed_in(cast.sam)
        path = f"/people/{cast.dana.user.pk}/custody/"
        sent = {"seen": waited.stage.mark, "keys_seen": waited.mark(cast.sam)}
        answer = manager.post(path, {**sent, "typed_1": cast.codes[0]})
        assert cast.codes[0] not in answer.content.decode()
        answer = manager.post(path, {**sent, "typed_1": cast.codes[0], "typed_3": cast.codes[2]}, follow=True)
        assert "Samuel Okafor can reach the clients from now on." in text_of(answer)
        page = text_of(sam.get(f"/custody/{waited.will.pk}/"))
        assert WORDS in page
        assert "555 0100" in page
        assert "Contact list of Dana Whitlock" in text_of(sam.get("/custody/"))
        waited.release()
        assert (
            f"/custody/notes/{Note.objects.get().pk}/"
            in sam.get(f"/custody/clients/{waited.client.pk}/").content.decode()
        )
        page = text_of(sam.get(f"/custody/notes/{Note.objects.get().pk}/"))
        assert next(iter(fields_of(NoteKind.CALL).values())) in page
        assert "Both steps are done." in text_of(sam.get(path))

    def test_lead_whoever_cares_to_their_own_pages(self, cast, both, signed_in):
        dana, note = signed_in(cast.dana), Note.objects.get()
        assert dana.get(f"/custody/clients/{both.client.pk}/")["Location"] == f"/clients/{both.client.pk}/notes/"
        assert dana.get(f"/custody/notes/{note.pk}/")["Location"] == f"/notes/{note.pk}/"

    def test_say_before_the_release_that_nothing_is_released(self, cast, house, signed_in):
        answer = signed_in(cast.sam).get(f"/custody/{house.will.pk}/", follow=True)
        assert "Nothing is released to you now." in text_of(answer)

    def test_are_nobody_elses(self, cast, given, signed_in):
        tom = enrol_colleague(manager=cast.manager, name="Tom", address="t@a.example", roles=(Role.THERAPIST,))
        for address in (given.will.pk, uuid4()):
            assert signed_in(tom).get(f"/custody/{address}/").status_code == 404
