"""What somebody who writes the database can do to a file: nothing that opens."""

import hashlib

import pytest
from django.utils import timezone

from access.roles import Role
from attachments.kinds import Error
from attachments.models import Attachment, Piece, Removal
from attachments.services.adding import add_attachment
from attachments.services.finding import find_attachment
from attachments.services.reading import browse_attachments, read_attachment
from clients.models import Client
from keys.errors import SealBroken
from keys.services import Place, VaultKind, open_vault
from tests.attachments.conftest import LONG, unguarded
from tests.beginnings import beginning
from tests.keys import independent


@beginning
def attachment(files):
    return files.attach()


def change(model, table, row, **columns):
    with unguarded(table):
        model.objects.filter(pk=row.pk).update(**columns)


def change_piece(piece, **columns):
    change(Piece, "attachments_piece", piece, **columns)


def pieces_of(attachment):
    return list(Piece.objects.filter(attachment=attachment).order_by("number"))


class TestAPiece:
    def test_that_was_altered_opens_nothing_of_the_file(self, files, attachment):
        last = pieces_of(attachment)[-1]
        body = bytearray(last.sealed_piece)
        body[-1] ^= 1
        change_piece(last, sealed_piece=bytes(body))
        with pytest.raises(SealBroken):
            files.read(attachment)

    @pytest.mark.parametrize("number", [2, 4])
    def test_that_is_missing_opens_nothing_of_the_file(self, files, attachment, number):
        with unguarded("attachments_piece"):
            Piece.objects.filter(attachment=attachment, number=number).delete()
        with pytest.raises(SealBroken):
            files.read(attachment)

    def test_that_goes_while_the_file_leaves_lets_it_break_off(self, files, attachment):
        found = find_attachment(by=files.dana, client_id=files.client.pk, attachment_id=attachment.pk)
        content = read_attachment(by=files.dana, attachment=found, at=timezone.now())
        with unguarded("attachments_piece"):
            Piece.objects.filter(attachment=attachment, number=4).delete()
        with pytest.raises(SealBroken):
            list(content.pieces)

    def test_that_stands_in_another_ones_place_opens_nothing(self, files, attachment):
        first, second, *_ = pieces_of(attachment)
        change_piece(first, sealed_piece=second.sealed_piece)
        change_piece(second, sealed_piece=first.sealed_piece)
        with pytest.raises(SealBroken):
            files.read(attachment)

    def test_of_another_file_opens_nothing(self, files, attachment):
        other = files.attach(LONG)
        change_piece(pieces_of(attachment)[0], sealed_piece=pieces_of(other)[0].sealed_piece)
        with pytest.raises(SealBroken):
            files.read(attachment)

    def test_is_no_end_where_the_file_went_on(self, files, attachment):
        # Fewer in the row, and the rest gone: as if the file had always been shorter.
        change(Attachment, "attachments_attachment", attachment, pieces=2)
        with unguarded("attachments_piece"):
            Piece.objects.filter(attachment=attachment, number__gt=2).delete()
        with pytest.raises(SealBroken):
            files.read(attachment)


class TestAFile:
    def test_that_was_moved_to_another_client_opens_to_nobody(self, cast, files, attachment):
        noor, sam = Client.objects.get(pk=cast.noor.client_id), cast.sam.as_(Role.THERAPIST)
        add_attachment(by=sam, client=noor, new=files.new(), at=timezone.now())
        change(Attachment, "attachments_attachment", attachment, client=noor)
        moved = find_attachment(by=sam, client_id=noor.pk, attachment_id=attachment.pk)
        with pytest.raises(SealBroken):
            read_attachment(by=sam, attachment=moved, at=timezone.now())

    @pytest.mark.parametrize("column", ["added_at", "added_by"])
    def test_of_another_day_or_person_opens_no_name(self, cast, files, attachment, column):
        value = {"added_at": timezone.now(), "added_by": cast.sam.user}[column]
        change(Attachment, "attachments_attachment", attachment, **{column: value})
        with pytest.raises(SealBroken):
            files.read(attachment)

    def test_that_does_not_open_is_named_in_the_list_beside_the_others(self, files, attachment):
        other = files.attach(LONG, name="other.pdf")
        change(Attachment, "attachments_attachment", attachment, sealed_facts=other.sealed_facts)
        _, listed = browse_attachments(by=files.dana, client=files.client, at=timezone.now())
        assert [one.facts.name if one.facts else None for one in listed] == ["other.pdf", None]

    def test_is_hidden_by_nobody_without_the_key(self, cast, files, attachment):
        planted = {"removed_by": cast.dana.user, "removed_at": timezone.now()}
        other = files.attach(LONG)
        sealed = files.take_out(other, Error.TWICE).sealed_error
        Removal.objects.create(attachment=attachment, sealed_error=sealed, **planted)
        with pytest.raises(SealBroken):
            files.facts(attachment)


def test_opens_without_our_code(files, attachment):
    """From its rows and the key of the record, with what docs/keys.md says."""
    vault = open_vault(by=files.dana.keys, place=Place(VaultKind.RECORD, files.client.pk))
    shared, content = [files.dana.keys.root_id, vault.id.bytes, (1).to_bytes(8, "big")], b""
    for piece in pieces_of(attachment):
        place = [attachment.pk.bytes, files.client.pk.bytes]
        place += [number.to_bytes(8, "big") for number in (piece.number, attachment.pieces)]
        context = independent.framed("attachments-piece/v1", *shared, *place)
        content += independent.open_blob(vault.key(1), bytes(piece.sealed_piece), context)
    assert content == LONG
    assert attachment.ciphertext_sha256 == hashlib.sha256(attachment.sealed_facts).hexdigest()
