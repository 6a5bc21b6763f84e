"""Files as part of a record: kept, passed on to new keys, guarded, handed out, and destroyed with it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from fhir.resources.R4B.bundle import Bundle

from attachments.models import Attachment, Piece, Removal
from clients.lasting import last_written
from clients.models.retention import Tombstone
from clients.services import rotating
from keys.columns import columns_of_vault
from keys.services import Place, VaultKind, flag_rotation, generation_of_text, seal_slice, turn_key
from practice.exporting.archive import Packed
from practice.exporting.purposes import Why
from practice.exporting.service import export_record
from practice.paper.printing import Press
from tests.attachments.conftest import JPEG, LONG, Files, unguarded
from tests.audit.sql import run
from tests.beginnings import beginning
from tests.clients.keeping.ending import end_care
from tests.notes.rotation.conftest import steps_of
from tests.practice.exporting.conftest import files_in, resources_in
from tests.stored import require_bound_alike

A_MONTH = timedelta(days=31)


@beginning
def full(files: Files) -> Files:
    """A long file, a picture, and one that was taken out."""
    files.attach()
    files.attach(JPEG, name="crayon.jpeg", words="Drawing")
    files.take_out(files.attach(JPEG, name="Grünspecht.jpg"))
    return files


def texts_of(full: Files) -> list[bytes]:
    place = Place(VaultKind.RECORD, full.client.pk)
    return [
        bytes(getattr(row, column.column))
        for column in columns_of_vault(VaultKind.RECORD)
        if column.model.startswith("attachments.")
        for row in column.rows_at(place)
    ]


class TestNewKeys:
    def test_seal_what_is_bound_as_a_page_binds_it(self, full):
        assert require_bound_alike(Place(VaultKind.RECORD, full.client.pk)) == 3 + 6 + 1

    def test_seal_everything_anew_and_open_it_as_before(self, full, monkeypatch):
        # One piece at a time, as with files that are larger than all texts together.
        monkeypatch.setattr(rotating, "TEXTS_AT_ONCE", 1)
        flag_rotation(places=[Place(VaultKind.RECORD, full.client.pk)], at=timezone.now())
        steps_of(full.dana)
        assert [generation_of_text(text) for text in texts_of(full)] == [2] * 10
        picture, long = Attachment.objects.filter(removal=None).order_by("pieces")
        assert full.read(long) == LONG
        assert full.read(picture) == JPEG
        assert full.facts(Attachment.objects.exclude(removal=None).get()).facts is None

    def test_take_few_pieces_at_once(self, full):
        place = Place(VaultKind.RECORD, full.client.pk)
        flag_rotation(places=[place], at=timezone.now())
        with transaction.atomic():
            vault = turn_key(by=full.dana.keys, place=place, at=timezone.now())
            # Three texts that say what the files are, and what is left of thirteen is one piece's share.
            assert seal_slice(vault=vault, limit=13) == 13
        assert sorted(generation_of_text(piece.sealed_piece) for piece in Piece.objects.all()) == [1] * 5 + [2]


class TestTheEnd:
    def test_counts_from_the_last_file(self, full):
        last = Attachment.objects.latest("added_at")
        assert last_written([full.client.pk])[full.client.pk] == last.added_at

    def test_destroys_everything(self, full):
        ended = end_care(full.cast, full.cast.dana, full.client)
        tombstone = ended.destroy()
        assert tombstone.texts >= 10
        assert not any(model.objects.exists() for model in (Attachment, Piece, Removal))


class TestTheGuards:
    @pytest.mark.parametrize(
        "change",
        [
            "DELETE FROM attachments_piece",
            "DELETE FROM attachments_removal",
            "UPDATE attachments_piece SET number = number + 10",
            "UPDATE attachments_attachment SET pieces = 1",
            "UPDATE attachments_removal SET removed_at = '2026-01-01'",
        ],
    )
    def test_refuse_to_change_what_was_filed(self, full, change):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(change)

    def test_let_go_what_has_a_tombstone_and_nobody_elses(self, cast, full):
        day = timezone.now()
        facts = {"code": "AAAAAA", "hidden": False, "decided_by": cast.manager.user.pk, "fingerprint": "0" * 64}
        facts |= {"decided_at": day - A_MONTH, "destroyed_at": day, "complete_at": day + A_MONTH}
        facts |= dict.fromkeys(("vaults", "grants", "texts"), 0)
        Tombstone.objects.create(client_id=cast.noor.client_id, **facts)
        tables = ("attachments_piece", "attachments_removal", "attachments_attachment")
        deletions = [f"DELETE FROM {table}" for table in tables]  # noqa: S608
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            run(*deletions)
        Tombstone.objects.create(client_id=full.client.pk, **facts)
        run(*deletions)
        assert not Attachment.objects.exists()


class TestTheRows:
    def test_have_one_piece_in_each_place_and_begin_at_one(self, full):
        file = Attachment.objects.filter(pieces=4).get()
        doubles = [
            Piece(attachment=file, number=1, sealed_piece=b"x"),
            Piece(attachment=file, number=0, sealed_piece=b"x"),
            Attachment(client=full.client, added_by=file.added_by, added_at=file.added_at, pieces=0, sealed_facts=b"x"),
        ]
        for double in doubles:
            with pytest.raises(IntegrityError), transaction.atomic():
                double.save(force_insert=True)

    def test_say_who_they_are_and_nobodys_name(self, full):
        file, removal = Attachment.objects.filter(pieces=4).get(), Removal.objects.get()
        assert [str(file), str(removal)] == [str(file.pk), str(removal.attachment_id)]
        assert str(Piece.objects.filter(attachment=file).order_by("number").first()) == f"{file.pk}/1"


class TestAnExport:
    @pytest.fixture
    def export(self, full, no_press):
        def make() -> Packed:
            with Press() as press:
                now, why = timezone.now(), Why.CLIENT_ASKED
                return export_record(by=full.dana, client=full.client, why=why, press=press, at=now)

        return make

    def test_has_each_file_byte_for_byte_and_none_that_was_taken_out(self, export):
        files = files_in(export())
        attached = {name: content for name, content in files.items() if name.startswith("files/")}
        assert attached == {"files/001 letter.pdf": LONG, "files/002 crayon.jpg": JPEG}
        text = files["record.txt"].decode()
        assert "File 2: crayon.jpg" in text
        assert "It is about another client." in text
        assert "Grünspecht" not in text

    def test_names_them_for_programs(self, export):
        packed = export()
        [letter, drawing] = [
            document["content"][0]["attachment"] for document in resources_in(packed, "DocumentReference")
        ]
        assert (letter["url"], letter["size"]) == ("files/001%20letter.pdf", len(LONG))
        assert drawing["contentType"] == "image/jpeg"
        assert Bundle.model_validate_json(files_in(packed)["record.fhir.json"])

    def test_says_of_a_file_that_does_not_open_that_it_is_missing(self, full, export):
        last = Piece.objects.filter(number=4).get()
        with unguarded("attachments_piece"):
            Piece.objects.filter(pk=last.pk).update(sealed_piece=bytes(last.sealed_piece)[:-1])
        packed = export()
        assert not packed.is_whole
        assert [name for name in files_in(packed) if name.startswith("files/")] == ["files/002 crayon.jpg"]
        assert "Its seal is broken" in files_in(packed)["record.txt"].decode()
