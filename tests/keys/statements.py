"""One statement of each form, with fields that never change: their bytes are pinned in vectors.json."""

from datetime import UTC, datetime
from uuid import UUID

from keys.statements import (
    Cause,
    CertificateStatement,
    CommitmentStatement,
    HeirStatement,
    InvitationStatement,
    PracticeKeyStatement,
    ReaderEndStatement,
    ReaderLine,
    ReadersCommitmentStatement,
    ReaderStatement,
    RevocationStatement,
    write_readers,
)

AT = datetime(2026, 3, 1, 14, 2, 11, 123456, tzinfo=UTC)
LATER = datetime(2026, 3, 8, 14, 2, 11, tzinfo=UTC)
HOLDER = UUID("11111111-2222-4333-8444-555555555555")
SUBJECT = UUID("66666666-7777-4888-9999-aaaaaaaaaaaa")
VAULT = UUID("bbbbbbbb-cccc-4ddd-8eee-ffffffffffff")
ROOT = bytes(range(32))
KEY_ID = bytes(range(16))
OTHER_ID = bytes(range(16, 32))

LINES = [ReaderLine(OTHER_ID, Cause.COVER, LATER), ReaderLine(KEY_ID, Cause.GIVEN, None)]
LIST = write_readers(LINES)

STATEMENTS = {
    "cert/v1": CertificateStatement(ROOT, HOLDER, KEY_ID, b"k" * 32, b"s" * 32, "client", 0, SUBJECT, OTHER_ID, AT),
    "invite/v1": InvitationStatement(ROOT, VAULT, KEY_ID, b"s" * 32, HOLDER, SUBJECT, "client", AT, LATER, OTHER_ID),
    "gen/v1": CommitmentStatement(
        ROOT, VAULT, "process", SUBJECT, HOLDER, 2, 1, b"c" * 32, b"p" * 32, KEY_ID, b"h" * 32, AT
    ),
    "gen/v2": ReadersCommitmentStatement(
        ROOT, VAULT, "process", SUBJECT, HOLDER, 2, 1, b"c" * 32, b"p" * 32, KEY_ID, b"h" * 32, AT, LIST
    ),
    "reader/v1": ReaderStatement(ROOT, VAULT, 2, KEY_ID, "cover", LATER, OTHER_ID, AT),
    "reader-end/v1": ReaderEndStatement(ROOT, VAULT, HOLDER, LATER, OTHER_ID, AT),
    "heir/v1": HeirStatement(ROOT, HOLDER, KEY_ID, OTHER_ID, AT, ROOT),
    "revoke/v1": RevocationStatement(ROOT, KEY_ID, 3, AT, OTHER_ID),
    "key/v1": PracticeKeyStatement(ROOT, "record", b"e" * 32, AT),
}
