"""A stranger follows `docs/verify-consent.md` to the letter, without a line of our code."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from consent.record import hash_record
from tests.consent import shipped
from tests.consent.signing import CLIENT, PRACTICE, STRANGER, record, signed

PAGE = Path(__file__).parents[2] / "docs" / "verify-consent.md"
STEPS = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="the steps are openssl's"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "consent.json").write_bytes(signed())
    (tmp_path / "practice.key").write_text(PRACTICE.public.hex() + "\n")
    (tmp_path / "client.key").write_text(CLIENT.public.hex() + "\n")
    return tmp_path


def follow(folder: Path) -> subprocess.CompletedProcess[str]:
    script = "set -e\n" + "\n".join(f"( {step} )" if "exit" in step else step for step in STEPS)
    return subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=60)


class TestPage:
    def test_leads_to_two_good_signatures_and_the_receipts_hash(self, folder):
        done = follow(folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("Signature Verified Successfully") == 2
        assert f"client signed with the key {CLIENT.keyid}" in done.stdout
        assert hash_record(record().to_bytes()) in done.stdout
        assert (folder / "record.json").read_bytes() == record().to_bytes()

    def test_leads_to_the_hash_of_the_text(self, folder):
        published = shipped.confidentiality()
        (folder / "text.md").write_bytes(published.text.encode())
        assert published.sha256 in follow(folder).stdout

    def test_shows_that_a_record_was_changed(self, folder):
        envelope = json.loads(signed())
        envelope["payload"] = json.loads(signed(tz="Europe/Berlin"))["payload"]
        (folder / "consent.json").write_text(json.dumps(envelope))
        self.fails(folder)

    @pytest.mark.parametrize("name", ["client.key", "practice.key"])
    def test_shows_that_another_key_signed(self, folder, name):
        (folder / name).write_text(STRANGER.public.hex())
        self.fails(folder)

    def fails(self, folder: Path) -> None:
        done = follow(folder)
        assert done.returncode != 0
        assert done.stdout.count("Signature Verified Successfully") < 2
