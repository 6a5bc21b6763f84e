"""What is common and what is one's own: no name and no word of the one in the other, nor in a file of it."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from fhir.resources.R4B.bundle import Bundle

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from audit.services import looks_at
from clients.kinds import OpeningCode
from clients.models import Client
from clients.models.cover import Cover, Opening
from clients.services.looks import browse_looks
from clients.services.units import add_member, remove_member
from notes.kinds import NoteKind
from practice.exporting.gathering import NotAllAgreed
from practice.exporting.purposes import Why
from practice.exporting.service import export_record
from practice.paper.printing import Press
from practice.printing.purposes import PrintWhy
from practice.printing.service import Printing, print_note, print_record
from tests.notes.conftest import Desk
from tests.notes.together.conftest import NAME
from tests.practice.exporting.conftest import files_in, no_press
from tests.practice.printing.conftest import echo

__all__ = ["echo", "no_press"]
PRINTED = [Act.RECORD_PRINTED, Act.NOTE_PRINTED]

A_DAY = timedelta(days=1)


def file_of(by, client, **said: bool) -> dict[str, bytes]:
    with Press() as press:
        packed = export_record(by=by, client=client, why=Why.CLIENT_ASKED, press=press, at=timezone.now(), **said)
    with zipfile.ZipFile(io.BytesIO(b"".join(packed.spool.pieces()))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def readable(file: dict[str, bytes]) -> str:
    return "\n".join(content.decode() for name, content in file.items() if not name.endswith(".pdf"))


def all_looks_of(person):
    return browse_looks(by=person.person.as_(Role.CLIENT), client=person.record, before=None, at=timezone.now()).looks


def looks_of(couple, person):
    return [look for look in all_looks_of(person) if look.together]


@pytest.fixture
def written(couple):
    """A session together, and a call with Robin alone."""
    couple.desk.sign()
    Desk(couple.cast.dana, couple.cast.robin.record).sign(NoteKind.CALL)
    return couple


class TestFiles:
    def test_of_one_holds_nothing_of_the_common_record_nor_of_the_other(self, written):
        noor, robin = written.cast.noor.record, written.cast.robin.record
        text = readable(file_of(written.dana, robin))
        others = (NAME, written.unit.code, str(written.unit.pk), "Noor", noor.code, str(noor.pk), "couple", "together")
        assert "Robin Marlowe" in text
        assert "About Tuesday" in text
        assert "Slept through" not in text
        assert not {word for word in others if word in text}

    def test_of_both_names_nobody_and_says_who_lets_it_out(self, written):
        with pytest.raises(NotAllAgreed):
            file_of(written.dana, written.unit)
        assert not Entry.objects.filter(action__startswith="export:").exists()
        file = file_of(written.dana, written.unit, all_agreed=True)
        text = readable(file)
        assert NAME in text
        assert "Slept through" in text
        assert "Only with the written yes of everybody who belongs" in text
        assert "About Tuesday" not in text
        for person in (written.cast.robin, written.cast.noor):
            record = person.record
            others = (person.name, person.name.split()[0], record.code, str(record.pk), str(record.user_id))
            assert not {word for word in others if word in text}
        [document] = [json.loads(content) for name, content in file.items() if name.endswith(".json")]
        require_a_group(document)


def require_a_group(document) -> None:
    Bundle.model_validate(document)
    kinds = {one["resource"]["resourceType"] for one in document["entry"]}
    asked = {part.split('"')[0] for part in json.dumps(document).split('"reference": "')[1:]}
    assert "Group" in kinds
    assert "Patient" not in kinds
    assert asked <= {one["fullUrl"] for one in document["entry"]}


class TestTheLog:
    def test_names_nobody_beside_another(self, written):
        """No entry about the common record names a member's, but lists of a whole caseload."""
        members = {bytes(written.cast.robin.record.log_handle), bytes(written.cast.noor.record.log_handle)}
        common = written.unit.audit_handle
        entries = looks_at([common, *members], size=500).entries
        mixed = {entry.action for entry in entries if common in entry.subjects and members & set(entry.subjects)}
        assert mixed <= {"client:listed", "note:searched"}

    def test_tells_each_member_who_opened_the_common_record(self, written):
        told = looks_of(written, written.cast.robin)
        assert {(look.together, look.who) for look in told} == {("couple", "Dana Whitlock")}
        assert "signed one of your notes" in {look.what for look in told}
        page = "\n".join(str(look) for look in told)
        assert not {word for word in ("Noor", NAME, written.unit.code) if word in page}

    def test_tells_one_member_nothing_of_what_another_does_alone(self, written, signed_in):
        browser, robin, noor = signed_in(written.cast.dana), written.cast.robin, written.cast.noor
        alone = Desk(written.cast.dana, robin.record).write(session_at=timezone.now() - timedelta(seconds=30))
        before = {look.at for look in all_looks_of(noor)}
        for address in (f"/drafts/{alone.pk}/review/", "/drafts/review/", f"/clients/{robin.client_id}/"):
            assert browser.get(address).status_code == 200
        own = {look.what for look in all_looks_of(noor) if look.at not in before}
        assert own == {"looked up who opened your record"}

    def test_says_of_the_common_record_no_cover_of_ones_own(self, written):
        at, robin = timezone.now(), written.cast.robin.record
        about = {"client": robin, "given_by": written.cast.sam.user, "colleague": written.cast.dana.user}
        times = {"starts_at": at - A_DAY, "ends_at": at + A_DAY}
        cover = Cover.objects.create(**about, **times, arranged_at=at - A_DAY)
        opened = {"opened_at": at - A_DAY, "until": at + A_DAY, "code": OpeningCode.CRISIS}
        Opening.objects.create(cover=cover, nonce=uuid4(), sealed_reason=b"sealed", **opened)
        why = {bool(look.together): look.why for look in all_looks_of(written.cast.robin) if "Dana" in look.who}
        assert why == {True: "to look after you", False: "covering for Samuel Okafor"}

    def test_tells_a_member_nothing_from_before_or_after_their_time(self, written):
        noor = written.cast.noor
        assert looks_of(written, noor)
        at = timezone.now()
        written.desk.begin(NoteKind.CALL)
        remove_member(by=written.dana, unit=written.unit, member_id=written.place_of(noor).pk, at=at)
        after = {look.what for look in looks_of(written, noor)}
        written.desk.begin(NoteKind.CALL, session_at=timezone.now() + timedelta(minutes=9))
        assert {look.what for look in looks_of(written, noor)} == after
        assert max(look.at for look in looks_of(written, noor)) < at
        add_member(by=written.dana, unit=written.unit, client_id=noor.client_id, at=timezone.now())
        assert max(look.at for look in looks_of(written, noor)) >= at

    def test_of_a_members_record_knows_no_unit(self, written):
        robin = bytes(written.cast.robin.record.log_handle)
        entries = looks_at([robin], size=500).entries
        assert not [entry for entry in entries if entry.action.startswith("unit:")]
        assert Entry.objects.filter(action__startswith="unit:").count() == 1


class TestPages:
    def test_show_the_members_to_who_cares_for_them(self, half_signed, signed_in):
        browser = signed_in(half_signed.cast.dana)
        page = browser.get(f"/clients/{half_signed.unit.pk}/members/").content.decode()
        assert {word for word in ("Robin Marlowe", "Noor Haddad", "1 of 2 have signed") if word not in page} == set()
        own = browser.get(f"/clients/{half_signed.cast.robin.client_id}/").content.decode()
        assert f"Their couple’s record, {half_signed.unit.code}" in own
        assert NAME not in own
        refused = browser.post(
            f"/clients/{half_signed.unit.pk}/notes/begin/", {"kind": "session", "session_at": "2026-11-22T10:00"}
        )
        assert "each of them has to have signed" in refused.content.decode()

    def test_make_one_and_change_it(self, both_in_care, signed_in):
        cast, browser = both_in_care, signed_in(both_in_care.dana)
        page = browser.get("/clients/together/")
        form = page.context["form"]
        people = [cast.robin.client_id, cast.noor.client_id]
        given = {"form": form["form"].value(), "kind": "family", "name": "The lake", "members": people}
        assert b"Please tick who comes." in browser.post("/clients/together/", given | {"members": []}).content
        alone = browser.post("/clients/together/", given | {"members": people[:1]}).content.decode()
        assert "Please choose from 2 to 12 people" in alone
        assert "The lake" in alone
        answer = browser.post("/clients/together/", given)
        unit = Client.objects.get(kind="family")
        assert answer.url == f"/clients/{unit.pk}/members/"
        overview = browser.get(f"/clients/{unit.pk}/notes/").content.decode()
        assert "Questionnaires" not in overview
        assert "set up their account" not in overview
        account = browser.get(f"/clients/{unit.pk}/").content.decode()
        assert "Account" not in account.split("<main")[1]
        [member] = unit.members.filter(client=cast.noor.client_id)
        browser.post(f"/clients/{unit.pk}/members/remove/", {"member": str(member.pk)})
        added = browser.post(f"/clients/{unit.pk}/members/add/", {"client": str(cast.noor.client_id)})
        assert added.url == f"/clients/{unit.pk}/members/"
        assert unit.members.filter(left_at=None).count() == 2
        assert "E-mail address" not in browser.get(f"/clients/{unit.pk}/contact/").content.decode()

    def test_ask_for_everybodys_yes_before_a_file_is_made(self, couple, signed_in):
        browser, entries = signed_in(couple.cast.dana), Entry.objects.filter(action__startswith="export:")
        page = browser.post(f"/clients/{couple.unit.pk}/export/", {"why": "client_asked"}).content.decode()
        assert "Please have each of them say yes in writing first." in page
        assert not entries.exists()
        alone = browser.get(f"/clients/{couple.cast.robin.client_id}/export/").content.decode()
        assert "say yes in writing" not in alone

    def test_take_the_common_record_with_a_whole_caseload_only_with_everybodys_yes(self, couple, signed_in, no_press):
        browser, code = signed_in(couple.cast.dana), couple.unit.code
        asked = "each of those who belong has said yes in writing"
        assert asked in browser.get("/clients/export/").content.decode()
        assert asked not in signed_in(couple.cast.sam).get("/clients/export/").content.decode()
        for said, there in (({}, False), ({"all_agreed": "on"}, True)):
            answer = browser.post("/clients/export/", {"why": "own_files", **said})
            files = files_in(b"".join(answer.streaming_content))
            assert (f"{code}-record.zip" in files) == there
            assert f"{couple.cast.robin.record.code}-record.zip" in files
            assert (f"{code}: not here. It was not said" in files["contents.txt"].decode()) != there

    def test_print_the_common_record_only_with_everybodys_yes(self, couple, signed_in, echo):
        browser, note = signed_in(couple.cast.dana), couple.desk.sign()
        addresses = f"/clients/{couple.unit.pk}/print/", f"/notes/{note.pk}/print/"
        for act, address in zip(PRINTED, addresses, strict=True):
            page = browser.post(address, {"why": "paper_file"}).content.decode()
            assert "Please have each of them say yes in writing first." in page
            assert not Entry.objects.filter(action=act).exists()
            answer = browser.post(address, {"why": "paper_file", "all_agreed": "on"})
            assert answer["Content-Type"] == "application/pdf"
        alone = browser.get(f"/clients/{couple.cast.robin.client_id}/print/").content.decode()
        assert "say yes in writing" not in alone

    def test_print_nothing_unasked_by_any_other_way(self, couple, echo):
        note, printing, now = couple.desk.sign(), Printing(PrintWhy.PAPER_FILE), timezone.now()
        with pytest.raises(NotAllAgreed):
            print_record(by=couple.dana, client=couple.unit, printing=printing, at=now)
        with pytest.raises(NotAllAgreed):
            print_note(by=couple.dana, note=note, printing=printing, at=now)
        assert not Entry.objects.filter(action__in=PRINTED).exists()

    def test_of_one_person_have_no_members(self, couple, signed_in):
        browser = signed_in(couple.cast.dana)
        for tail in ("members/", "members/add/"):
            assert browser.get(f"/clients/{couple.cast.robin.client_id}/{tail}").status_code == 404

    def test_tell_a_member_whose_record_it_was(self, written, signed_in):
        robin = written.cast.robin
        page = signed_in(robin.person).get(f"/my/{robin.client_id}/looks/").content.decode()
        assert "The record of your couple" in page
        assert not {word for word in ("Noor", NAME, written.unit.code) if word in page}
