"""One file to hand out: PDF, text and FHIR beside each other in a ZIP that is never in clear on a disk of ours."""

import zipfile
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.utils.timezone import localtime

from access.spool import SealedSpool
from practice.exporting.bundle import write_bundle
from practice.exporting.gathering import Volume
from practice.exporting.texts import write_text
from practice.paper.printing import NoPaper, Press

_NO_PDF = """The computer of the practice could not make a PDF when this file was made.
The same is in record.txt, to read, and in record.fhir.json, for programs.
"""


@dataclass(frozen=True, repr=False)
class Packed:
    """A finished file.

    :param name: says the client's code and nobody's name
    :param has_pdf: the press worked
    :param is_whole: nothing is missing, the PDF included
    """

    name: str
    spool: SealedSpool
    has_pdf: bool
    is_whole: bool


def pack(volume: Volume, press: Press) -> Packed:
    """Write a record in all its forms into one ZIP."""
    pdf = _pdf(volume, press)
    files = [
        ("record.pdf", pdf) if pdf else ("no-pdf.txt", _NO_PDF.encode()),
        ("record.txt", write_text(volume).encode()),
        ("record.fhir.json", write_bundle(volume).encode()),
        *(file for _, chapter in volume.chapters for file in chapter.files),
    ]
    packed = SealedSpool()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files:
            archive.writestr(entry_of(name, volume.made_at, zipfile.ZIP_DEFLATED), content)
        for name, pieces in (one for _, chapter in volume.chapters for one in chapter.attached):
            with archive.open(entry_of(name, volume.made_at, zipfile.ZIP_DEFLATED), "w") as entry:
                entry.writelines(pieces())
    packed.finish()
    kind = "process-notes" if volume.is_own else "record"
    return Packed(
        f"{volume.client.code}-{kind}.zip",
        packed,
        has_pdf=pdf is not None,
        is_whole=volume.is_whole and pdf is not None,
    )


def write_page(volume: Volume, *, foot: str = "") -> str:
    """Write a record as the page that the press prints.

    :param foot: what stands at the foot of each page, beside its number
    """
    return render_to_string("paper/record.html", {"volume": volume, "foot": foot})


def _pdf(volume: Volume, press: Press) -> bytes | None:
    try:
        return press.print(write_page(volume))
    except NoPaper:
        return None


def entry_of(name: str, at: datetime, how: int) -> zipfile.ZipInfo:
    """Describe one file within a ZIP.

    :param how: stored or deflated, in the words of :mod:`zipfile`
    """
    entry = zipfile.ZipInfo(name, date_time=localtime(at).timetuple()[:6])
    entry.compress_type, entry.external_attr = how, 0o600 << 16
    return entry
