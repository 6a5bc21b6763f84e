"""Names as files bring them along, and as they leave."""

import pytest

from attachments.kinds import Kind
from attachments.naming import LONGEST, clean_name

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("named", "kind", "clean"),
    [
        ("letter.pdf", Kind.PDF, "letter.pdf"),
        ("Photo.JPEG", Kind.JPEG, "Photo.jpg"),
        ("notes.md", Kind.TEXT, "notes.txt"),
        # What says that it is something else goes on saying so, in front of what it is.
        ("letter.pdf", Kind.PNG, "letter.pdf.png"),
        ("page.html", Kind.TEXT, "page.html.txt"),
        ("setup.exe", Kind.PDF, "setup.exe.pdf"),
        ("../../etc/passwd", Kind.TEXT, "etc passwd.txt"),
        ("C:\\Windows\\cmd.pdf", Kind.PDF, "C Windows cmd.pdf"),
        ("a\0b.pdf", Kind.PDF, "ab.pdf"),
        ("fdp.\u202egnp.letter", Kind.PDF, "fdp.gnp.letter.pdf"),
        ('x" onload="1\r\nSet-Cookie: a.pdf', Kind.PDF, "x onload= 1Set-Cookie a.pdf"),
        ("  ", Kind.PDF, "file.pdf"),
        (".pdf", Kind.PDF, "file.pdf"),
        ("...", Kind.TEXT, "file.txt"),
        ("Bescheid Müller 3.5.", Kind.PDF, "Bescheid Müller 3.5.pdf"),
        ("письмо.pdf", Kind.PDF, "письмо.pdf"),
        ("a" * 300, Kind.PDF, "a" * LONGEST + ".pdf"),
    ],
)
def test_is_one_line_without_a_folder_and_says_what_the_file_is(named, kind, clean):
    assert clean_name(named, kind) == clean
