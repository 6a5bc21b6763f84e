"""SQLite whose connections stay open between requests, and whose write-ahead log is empty after each all the same."""

from sqlite3 import Error

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own; the settings name it by its package."""

    def close_if_unusable_or_obsolete(self) -> None:
        """Empty the write-ahead log too, before and after each request, when Django asks for this.

        What was erased would lie on in it otherwise, whatever secure_delete does in the main file: a session that was
        signed out, an address that was withdrawn. Closing empties it as well, but then the next request reads the
        whole schema anew, which takes longer than most of what it asks.
        """
        super().close_if_unusable_or_obsolete()
        if self.connection is not None and not self.in_atomic_block:
            try:
                self._empty_log()
            except Error:
                # Something is still being read here, or nothing can be written: the next request opens it anew.
                self.close()

    def _empty_log(self) -> None:
        # Nobody waits: while another request is at work, the log is emptied after that one.
        self.connection.execute("PRAGMA busy_timeout=0")
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self.connection.execute("PRAGMA busy_timeout=5000")
