"""What was erased is gone from the disk, not only from the tables."""

import pytest

from tests.browser.people import Manager

# PostgreSQL empties its pages when it vacuums, and its log when it archives.
pytestmark = pytest.mark.once


class TestASessionThatWasSignedOut:
    def test_lies_in_no_file_of_the_database(self, server, open_page):
        manager = Manager(open_page())
        manager.sign_in(server.practice, "manager")
        [(bundle,)] = server.practice.query("SELECT sealed_bundle FROM access_keysession ORDER BY seen_at DESC LIMIT 1")
        assert bundle in stored(server.practice.folder)
        manager.press("Sign out")
        manager.reads("You are signed out")
        assert bundle not in stored(server.practice.folder)


def stored(folder):
    """Read everything that the database keeps in files, its write-ahead log too."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.sqlite3*")))
