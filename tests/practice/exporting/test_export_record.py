"""One client's record in a file: what is in it, what never is, and what the log says of it."""

import hashlib
import os
from datetime import timedelta

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act, Outcome, Purpose
from audit.services import AuditUnavailable, Filters, browse_log, record_look
from clients.models import Client
from clients.services.finding import NoSuchClient
from clients.services.looks import browse_looks
from consent.envelope import parse_envelope
from consent.models import Record as ConsentRow
from consent.record import PAYLOAD_TYPE
from keys.models import Grant
from keys.services import Place, VaultKind, open_vault
from measures.models import Result
from notes.models import Withdrawal
from notes.services.ended import close_therapy
from notes.services.withdrawing import withdraw_note
from practice.exporting.archive import pack
from practice.exporting.gathering import find_exportable, gather
from practice.exporting.purposes import Why
from practice.paper.printing import Press
from tests.audit.sql import plant
from tests.clients.conftest import Record
from tests.clients.cover.conftest import arrange, open_it
from tests.consent.tampering import alter
from tests.measures.conftest import DONE
from tests.notes.conftest import CANARY, denied, done, rewrite
from tests.practice.exporting.conftest import Full, files_in, resources_in, text_in

pytestmark = pytest.mark.usefixtures("no_press")
_CLOSED = "Its seal is broken: it was altered or moved, so it is not in this file."


def newest(act):
    return browse_log(Filters(acts=frozenset([act]))).entries[0]


class TestWhatIsInTheFile:
    def test_is_the_record_and_nothing_besides(self, full):
        packed = full.export()
        text = text_in(packed)
        for words in (CANARY, "Mapped the avoidance on a ladder.", "Sum: 9, mild", DONE, "Phone: 555 0100"):
            assert words in text
        assert "9. Thoughts that you would be better off dead or of hurting yourself in some way · Several days" in text
        assert "Dana Whitlock, therapist · signed one of your notes · to look after you" in text
        assert "You · signed the limits of confidentiality" in text
        # The draft, the process note, and that there is one.
        assert "About Tuesday." not in text
        assert "for themselves" not in text.partition("Lines about notes that a therapist keeps for themselves")[2]
        note, addendum = resources_in(packed, "DocumentReference")
        assert note["id"] == str(full.note.pk)
        assert addendum["relatesTo"][0]["target"]["reference"].endswith(note["id"])
        assert "Addendum 1 to: Session" in text
        assert "Why it was added: Something in the note is wrong" in text

    def test_is_the_consent_as_it_was_signed(self, full):
        packed = full.export()
        files = files_in(packed)
        [(name, raw)] = [(name, raw) for name, raw in files.items() if name.endswith(".json") and "consents/" in name]
        envelope = parse_envelope(raw)
        assert envelope.payload_type == PAYLOAD_TYPE
        text = files[name.replace(".json", ".md")]
        assert hashlib.sha256(text).hexdigest().encode() in envelope.payload
        assert packed.name == f"{full.desk.client.code}-record.zip"
        assert not [name for name in files if "Robin" in name or "Marlowe" in name]

    def test_says_nothing_where_there_is_nothing(self, desk):
        empty = text_in(Full.export(Full(None, desk, None, None, None, None)))
        assert "Notes\n=====\nNothing." in empty
        assert "Questionnaires\n==============\nNothing." in empty

    def test_has_a_line_for_a_note_that_was_withdrawn_and_none_of_its_words(self, full):
        withdraw_note(by=full.desk.by, note_id=full.note.pk, at=timezone.now())
        packed = full.export()
        text = text_in(packed)
        assert "Withdrawn: By its author, because it had been written for another client." in text
        assert CANARY not in text
        assert not resources_in(packed, "DocumentReference")
        assert _CLOSED not in text


class TestWhatStaysClosed:
    def test_is_named_and_the_rest_is_there(self, full):
        later = full.desk.sign(session_at=(timezone.now() - timedelta(hours=1)).replace(microsecond=0))
        rewrite(later, minutes=7)
        alter(Result.objects.filter(pk=full.result.pk), way="alone")
        packed = full.export()
        assert text_in(packed).count(CANARY) == 2
        assert text_in(packed).count(_CLOSED) == 2
        assert not resources_in(packed, "QuestionnaireResponse")
        assert newest(Act.EXPORT_DONE).outcome == Outcome.PARTIAL

    def test_is_an_addendum_that_was_altered_or_whose_forerunner_is_gone(self, full):
        rewrite(full.desk.amend(full.note), minutes=7)
        text = text_in(full.export())
        assert text.count(_CLOSED) == 1
        assert "Mapped the avoidance on a ladder." in text
        rewrite(full.note.addenda.get(number=1), number=5)
        assert "An addendum to this note was removed from the database." in text_in(full.export())

    def test_is_a_note_that_somebody_else_than_its_author_calls_withdrawn(self, full):
        planted = Withdrawal(note=full.note, client=full.desk.client, author=full.note.author)
        planted.withdrawn_at, planted.signature, planted.signed_with = timezone.now(), b"0" * 10, full.note.signed_with
        planted.save(force_insert=True)
        packed = full.export()
        assert "Nobody we can vouch for signed this" in text_in(packed)
        assert newest(Act.EXPORT_DONE).outcome == Outcome.PARTIAL

    def test_is_a_note_whose_addendum_points_at_nothing_then(self, full):
        rewrite(full.note, minutes=7)
        packed = full.export()
        [addendum] = resources_in(packed, "DocumentReference")
        assert "relatesTo" not in addendum

    def test_is_a_consent_that_was_altered(self, full):
        alter(ConsentRow.objects.filter(client=full.desk.client), signed_at=timezone.now())
        packed = full.export()
        assert _CLOSED in text_in(packed)
        assert not resources_in(packed, "Consent")
        assert not [name for name in files_in(packed) if "consents/" in name]

    def test_is_what_this_therapist_holds_no_key_to(self, full):
        for kind in (VaultKind.RECORD, VaultKind.SHARED, VaultKind.CONTACT):
            vault = open_vault(by=full.desk.by.keys, place=Place(kind, full.desk.client.pk))
            Grant.objects.filter(vault=vault.id, grantee=full.desk.by.keys.key_id).delete()
        text = text_in(full.export())
        assert "Whoever made this file does not hold the key to it" in text
        assert CANARY not in text
        assert f"Record of {full.desk.client.code}" in text

    def test_is_a_note_that_nobody_vouches_for_which_the_log_says_too(self, full, log):
        rewrite(full.note, signature=b"0" * 10)
        heard = log()
        assert "Nobody we can vouch for signed this" in text_in(full.export())
        assert denied(Act.KEY_REFUSED) in heard.acts

    def test_is_the_pdf_where_no_press_runs(self, full):
        packed = full.export()
        assert not packed.has_pdf
        assert b"could not make a PDF" in files_in(packed)["no-pdf.txt"]
        assert newest(Act.EXPORT_DONE).outcome == Outcome.PARTIAL


class TestTheLog:
    def test_is_told_before_anything_opens_and_after_it_is_made(self, full, log):
        heard = log()
        packed = full.export(Why.MOVING_ON)
        begun, made = newest(Act.EXPORT_BEGUN), newest(Act.EXPORT_DONE)
        assert heard.acts == [done(Act.EXPORT_BEGUN), (Act.EXPORT_DONE, "partial")]
        assert begun.purpose == made.purpose == Purpose.TREATMENT
        assert begun.fields == ("moving_on",)
        counted = {"notes_2", "plans_0", "measures_1", "attachments_0", "consents_1", "log_1"}
        assert set(made.fields) == {"moving_on", *counted}
        assert made.sha256 == hashlib.sha256(b"".join(packed.spool.pieces())).hexdigest()
        assert begun.subjects == made.subjects == (full.desk.client.audit_handle,)

    def test_has_a_hash_that_nobody_can_try(self, full):
        # The same words at the same moment: what differs was drawn.
        now, by, client = timezone.now(), full.desk.by, full.desk.client
        look = record_look(Act.EXPORT_BEGUN, by=by, target=client, at=now)
        volume = gather(by=by, client=client, receipt=look, why="", at=now)
        with Press() as press:
            assert pack(volume, press).spool.sha256 != pack(volume, press).spool.sha256

    def test_keeps_everything_closed_when_it_cannot_be_told(self, full, monkeypatch):
        opened = []
        monkeypatch.setattr("practice.exporting.service.gather", lambda **_: opened.append(1))
        plant("audit_entry", swallow=True)
        with pytest.raises(AuditUnavailable):
            full.export()
        assert not opened

    def test_keeps_the_file_when_it_cannot_be_told_at_the_end(self, full, monkeypatch):
        def pack_and_plant(volume, press):
            plant("audit_entry", swallow=True)
            return pack(volume, press)

        monkeypatch.setattr("practice.exporting.service.pack", pack_and_plant)
        with pytest.raises(AuditUnavailable):
            full.export()

    def test_is_what_the_client_reads(self, full):
        packed = full.export()
        robin = full.cast.robin
        by = robin.person.as_(Role.CLIENT)
        [made, begun, *_] = browse_looks(by=by, client=robin.record, before=None, at=timezone.now()).looks[1:]
        assert (begun.what, begun.why) == ("began to put your record into a file", "because you asked for it")
        assert (made.what, made.outcome) == ("put your record into a file to hand out", "done in part")
        assert made.file == hashlib.sha256(b"".join(packed.spool.pieces())).hexdigest()


class TestWhatIsLeft:
    def test_is_no_file_that_was_opened_to_be_written(self, full, written):
        full.export()
        assert written == [os.devnull]


class TestWhoMay:
    def test_is_nobody_who_only_covers(self, robin_signed, desk, log):
        record = Record(robin_signed, desk.client)
        desk.sign()
        arrange(record)
        open_it(record)
        heard = log()
        with pytest.raises(NoSuchClient):
            find_exportable(by=record.sam, client_id=desk.client.pk)
        assert heard.acts == [denied(Act.ACCESS_REFUSED)]

    def test_is_whoever_keeps_the_record_after_the_therapy(self, desk):
        desk.sign()
        close_therapy(by=desk.by, client=desk.client, at=timezone.now())
        found = find_exportable(by=desk.by, client_id=desk.client.pk)
        assert CANARY in text_in(Full.export(Full(None, desk, None, None, None, None), client=found))

    def test_is_no_manager(self, cast, desk):
        # The gate lets no manager in; as a therapist a manager has nobody in care.
        with pytest.raises(NoSuchClient):
            find_exportable(by=cast.manager.as_(Role.THERAPIST), client_id=desk.client.pk)
        assert Client.objects.filter(pk=desk.client.pk).exists()
