"""Attaching a file, opening it, and taking it out again."""

from dataclasses import replace

import pytest
from django.utils import timezone

from access.roles import Role
from access.spool import PIECE
from attachments.facts import Facts
from attachments.kinds import Error, Kind
from attachments.models import Attachment, Piece, Removal
from attachments.services.adding import NotToAttach, add_attachment
from attachments.services.finding import find_attachment
from attachments.services.reading import TakenOut, browse_attachments, read_attachment
from attachments.services.removing import remove_attachment
from audit.acts import Act, Purpose
from audit.models import Entry
from audit.services import Filters, browse_log
from clients.services.finding import NoSuchClient
from clients.services.looks import browse_looks
from clients.services.therapy import end_therapy, find_record
from clients.services.vaults import ReadersNotConfirmed
from consent import decide
from keys.errors import NoGrant
from keys.services import Place, VaultKind, find_vault
from tests.at_rest import dump, spellings
from tests.attachments.conftest import CANARY, JPEG, LONG, PDF, incoming
from tests.clients.cover.conftest import arrange, close, open_it


def nothing_is_left():
    return not any(model.objects.exists() for model in (Attachment, Piece, Removal))


def acts():
    return list(Entry.objects.order_by("pk").values_list("action", "outcome"))


class TestAttaching:
    def test_keeps_a_file_whole_with_one_entry(self, files):
        before = len(acts())
        attachment = files.attach()
        # The record is made with its first text, whatever that is.
        assert acts()[before:] == [(Act.VAULT_MADE, "ok"), (Act.ATTACHMENT_ADDED, "ok")]
        assert files.read(attachment) == LONG
        assert attachment.pieces == Piece.objects.count() == 4
        facts = files.facts(attachment).facts
        assert (facts.name, facts.description) == ("letter.pdf", "From Dr. Adler")
        assert (facts.kind, facts.size) == (Kind.PDF, len(LONG))

    def test_leaves_nothing_of_it_readable_in_the_database(self, files):
        files.attach(name="Grünspecht.pdf", words="About Zaunkönig")
        lying = dump()
        names = [b"letter.pdf", "Grünspecht".encode(), "Zaunkönig".encode(), b"application/pdf", LONG[PIECE:][:16]]
        for secret in (CANARY, *names):
            assert not any(spelled in lying for spelled in spellings(secret))

    def test_shows_its_size_only_in_whole_kib(self, files):
        for content in (PDF, PDF + b"a" * 200):
            files.attach(content)
        assert len({len(piece.sealed_piece) for piece in Piece.objects.all()}) == 1

    def test_waits_for_no_signature(self, files):
        # Nobody has signed here: a letter about somebody is no session with them.
        assert files.attach(PDF).pk

    def test_asks_the_gate_all_the_same(self, files, monkeypatch):
        monkeypatch.setattr(decide, "ALWAYS_OPEN", frozenset())
        with pytest.raises(NotToAttach):
            files.attach(PDF)
        assert nothing_is_left()
        assert find_vault(Place(VaultKind.RECORD, files.client.pk)) is None
        assert acts()[-1] == (Act.ATTACHMENT_REFUSED, "denied")

    def test_takes_nothing_that_is_no_file_to_attach(self, files):
        for content in (incoming(b"MZ\x90\0" + bytes(99)), incoming(PDF, limit=1)):
            new = replace(files.new(PDF), content=content)
            with pytest.raises(NotToAttach):
                add_attachment(by=files.dana, client=files.client, new=new, at=timezone.now())
        assert nothing_is_left()

    def test_twice_with_one_form_keeps_one(self, files):
        new = files.new()
        first, second = (
            add_attachment(by=files.dana, client=files.client, new=new, at=timezone.now()) for _ in range(2)
        )
        assert first == second == Attachment.objects.get()

    def test_that_breaks_off_leaves_nothing(self, files, monkeypatch):
        new = files.new()

        def two_pieces(whole=new.content.read):
            for count, piece in enumerate(whole()):
                if count == 2:
                    raise OSError("the disk is gone")
                yield piece

        monkeypatch.setattr(new.content, "read", two_pieces)
        with pytest.raises(OSError, match="disk"):
            add_attachment(by=files.dana, client=files.client, new=new, at=timezone.now())
        assert nothing_is_left()
        assert not Entry.objects.filter(action=Act.ATTACHMENT_ADDED).exists()

    def test_confirms_first_who_else_will_read_a_record_that_it_makes(self, files):
        files.add(files.cast.sam)
        with pytest.raises(ReadersNotConfirmed):
            files.attach()
        assert nothing_is_left()


class TestSomebodyElse:
    @pytest.fixture
    def attachment(self, files):
        return files.attach(PDF)

    def test_learns_of_nothing(self, files, attachment):
        for by in (files.sam, files.manager, files.robin):
            client_id = files.client.pk
            if by.role == Role.THERAPIST:
                with pytest.raises(NoSuchClient):
                    find_record(by=by, client_id=client_id)
            with pytest.raises(NoSuchClient):
                find_attachment(by=files.sam, client_id=client_id, attachment_id=attachment.pk)
        with pytest.raises(NoSuchClient):
            add_attachment(by=files.sam, client=files.client, new=files.new(PDF), at=timezone.now())
        assert Attachment.objects.count() == 1

    def test_in_care_without_the_key_opens_nothing(self, files, attachment):
        files.add(files.cast.sam)
        found = find_attachment(by=files.sam, client_id=files.client.pk, attachment_id=attachment.pk)
        with pytest.raises(NoGrant):
            read_attachment(by=files.sam, attachment=found, at=timezone.now())

    def test_under_cover_reads_and_neither_attaches_nor_takes_out(self, files, attachment):
        arrange(files)
        opening = open_it(files)
        found = find_attachment(by=files.sam, client_id=files.client.pk, attachment_id=attachment.pk)
        content = read_attachment(by=files.sam, attachment=found, at=timezone.now())
        assert b"".join(content.pieces) == PDF
        for refused in (
            lambda: add_attachment(by=files.sam, client=files.client, new=files.new(PDF), at=timezone.now()),
            lambda: remove_attachment(by=files.sam, attachment=found, error=Error.TWICE, at=timezone.now()),
        ):
            with pytest.raises(NoSuchClient):
                refused()
        close(opening)
        with pytest.raises(NoSuchClient):
            find_attachment(by=files.sam, client_id=files.client.pk, attachment_id=attachment.pk)
        assert Attachment.objects.count() == 1
        assert not Removal.objects.exists()


class TestOpening:
    def test_is_a_look_each_time_and_says_why(self, files):
        attachment = files.attach(JPEG)
        files.facts(attachment)
        files.read(attachment)
        seen = [(entry.action, entry.target_uuid) for entry in browse_log(Filters(), size=2).entries]
        assert seen == [(act, attachment.pk) for act in (Act.ATTACHMENT_READ, Act.ATTACHMENT_LISTED)]

    def test_is_told_to_the_client(self, files):
        attachment = files.attach(JPEG)
        files.read(attachment)
        files.take_out(attachment)
        account = browse_looks(by=files.robin, client=files.client, before=None, at=timezone.now())
        told = {look.what for look in account.looks}
        assert {
            "attached a file to your record",
            "opened a file in your record",
            "took a file out of your record that was attached in error",
        } <= told

    def test_goes_on_for_who_keeps_the_record_once_the_therapy_is_over(self, files):
        attachment = files.attach(PDF)
        end_therapy(by=files.dana, client=files.client, at=timezone.now())
        assert files.read(attachment) == PDF
        assert browse_log(Filters(), size=1).entries[0].purpose == Purpose.OPERATIONS
        with pytest.raises(NoSuchClient):
            files.attach(PDF)


class TestTakingOut:
    def test_leaves_a_line_and_shows_no_name(self, files):
        attachment = files.attach(PDF)
        files.take_out(attachment, Error.OTHER_FILE)
        opened = files.facts(attachment)
        assert opened.facts is None
        assert opened.error is Error.OTHER_FILE
        assert opened.removal.removed_by == files.cast.dana.user
        with pytest.raises(TakenOut):
            files.read(attachment)
        _, [listed] = browse_attachments(by=files.dana, client=files.client, at=timezone.now())
        assert listed.facts is None
        # What was filed is not destroyed.
        assert Piece.objects.filter(attachment=attachment).count() == 1

    def test_twice_stays_as_it_was_the_first_time(self, files):
        attachment = files.attach(PDF)
        first = files.take_out(attachment, Error.TWICE)
        again = files.take_out(attachment, Error.OTHER_CLIENT)
        assert again.removed_at == first.removed_at
        assert Entry.objects.filter(action=Act.ATTACHMENT_REMOVED).count() == 1

    def test_is_not_for_who_only_keeps_the_record(self, files):
        attachment = files.attach(PDF)
        end_therapy(by=files.dana, client=files.client, at=timezone.now())
        with pytest.raises(NoSuchClient):
            files.take_out(attachment)


def test_facts_are_read_as_they_were_written():
    facts = Facts("a.pdf", "“Bericht”", Kind.PDF, 5, "0" * 64)
    assert Facts.of_text(facts.to_text()) == facts
