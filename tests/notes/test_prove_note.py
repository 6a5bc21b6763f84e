"""A note leaves with its proof: a stranger follows `docs/verify-note.md` to the letter, without a line of our code."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.acts import Act
from notes.kinds import NoteKind
from notes.services import proving
from notes.services.finding import NoSuchNote
from notes.services.importing import Haul, PastNote, import_notes
from notes.services.proving import NotToTakeOut, prove_note
from tests.notes.conftest import ADDED, FIELDS, denied, done

PAGE = Path(__file__).parents[2] / "docs" / "verify-note.md"
STEPS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)


def prove(desk, note):
    return prove_note(by=desk.by, note_id=note.pk, at=timezone.now())


@pytest.fixture
def proof(desk):
    """A note in a room and its addendum, as they are handed out."""
    note = desk.sign(minutes=50, place="room", next_at=timezone.now() + timedelta(days=7))
    desk.amend(note)
    return json.loads(prove(desk, note).content)


def follow(folder, proof, key):
    (folder / "note.json").write_text(json.dumps(proof))
    (folder / "author.key").write_text(key + "\n")
    script = "set -e\n" + "\n".join(f"( {step} )" if "exit" in step else step for step in STEPS)
    with_ours = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = ["sh", "-c", script]
    return subprocess.run(command, cwd=folder, env=with_ours, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the steps are openssl's")
class TestPage:
    def test_leads_to_good_signatures_and_to_what_was_signed(self, desk, proof, tmp_path):
        done = follow(tmp_path, proof, desk.by.keys.verifying.raw.hex())
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("Signature Verified Successfully") == 2
        assert done.stdout.count("holds") == 2
        assert "ANOTHER KEY" not in done.stdout
        for words in (
            FIELDS["together"],
            ADDED["text"],
            "minutes: 50",
            "reason: correction",
            "further: room",
            "further: next_at",
        ):
            assert words in done.stdout

    def test_leads_to_what_was_signed_for_many(self, desk, tmp_path):
        past = [PastNote(desk.client.pk, date(2024, 3, day), f"Day {day}.", "", "a.txt") for day in range(1, 6)]
        notes = import_notes(by=desk.by, haul=Haul(past, uuid4()), at=timezone.now())
        for number, note in enumerate((notes[1], notes[4])):
            folder = tmp_path / str(number)
            folder.mkdir()
            proof = json.loads(prove(desk, note).content)
            good = follow(folder, proof, desk.by.keys.verifying.raw.hex())
            assert (good.returncode, good.stdout.count("holds")) == (0, 1), good.stderr
            proof["signed"][0]["text"] = proof["signed"][0]["text"].replace("Day", "Night")
            assert follow(folder, proof, desk.by.keys.verifying.raw.hex()).returncode != 0

    @pytest.mark.parametrize("half", [0, 1])
    def test_shows_that_something_was_changed(self, desk, proof, tmp_path, half):
        signed = proof["signed"][half]
        signed["text"] = signed["text"].replace("nine", "ten").replace("seven", "six")
        assert follow(tmp_path, proof, desk.by.keys.verifying.raw.hex()).returncode != 0

    def test_shows_that_another_day_was_put_in(self, desk, proof, tmp_path):
        [day] = [fact for fact in proof["signed"][0]["facts"] if fact[0] == "session_at"]
        day[2] = day[2].replace(day[2][:4], "2020")
        assert follow(tmp_path, proof, desk.by.keys.verifying.raw.hex()).returncode != 0

    def test_shows_that_another_key_signed(self, cast, proof, tmp_path):
        done = follow(tmp_path, proof, cast.sam.keys.verifying.raw.hex())
        assert done.returncode != 0
        assert "ANOTHER KEY" in done.stdout


class TestProveNote:
    def test_is_a_look_of_its_own_and_an_answer_to_it(self, desk, log):
        note, heard = desk.sign(), log()
        proof = prove(desk, note)
        assert heard.acts == [done(Act.NOTE_PROVEN)]
        assert proof.name == f"{desk.client.code}-note-{note.pk}.json"
        assert note.ciphertext_sha256.encode() in proof.content

    def test_is_of_no_process_note(self, desk, log):
        note, heard = desk.sign(NoteKind.PROCESS), log()
        with pytest.raises(NotToTakeOut):
            prove(desk, note)
        assert heard.acts == [denied(Act.NOTE_REFUSED)]

    def test_is_of_nothing_that_is_open_under_cover(self, desk, log, monkeypatch):
        note, heard = desk.sign(), log()
        monkeypatch.setattr(proving, "opened_until", lambda **_: timezone.now())
        with pytest.raises(NotToTakeOut):
            prove(desk, note)
        assert heard.acts == [denied(Act.NOTE_REFUSED)]

    def test_is_of_nobody_elses_client(self, desk, sams_desk):
        with pytest.raises(NoSuchNote):
            prove(sams_desk, desk.sign())

    def test_is_handed_out_by_its_page(self, cast, desk, signed_in):
        note, dana = desk.sign(), signed_in(cast.dana)
        page = dana.get(f"/notes/{note.pk}/").content.decode()
        assert "What proves it" in page
        assert note.signed_with.hex() in page
        handed = dana.post(f"/notes/{note.pk}/proof/")
        assert handed["Content-Disposition"].startswith("attachment")
        assert json.loads(handed.content)["signed"][0]["sealed_sha256"] == note.ciphertext_sha256
        own = desk.sign(NoteKind.PROCESS)
        assert "Save with its proof" not in dana.get(f"/notes/{own.pk}/").content.decode()
        assert dana.post(f"/notes/{own.pk}/proof/").url == f"/notes/{own.pk}/"
