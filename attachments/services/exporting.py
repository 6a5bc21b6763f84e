"""What an exported record has of this app: each file byte for byte, and what is said of it."""

from functools import partial
from urllib.parse import quote

from attachments.models import Attachment
from attachments.services.finding import attachments_of
from attachments.services.reading import Content, Opened, Reader
from clients.exports import Attached, Chapter, Gathering, Leaf, Part, Resource, register_part
from clients.fhir import moment, refer_to_client, refer_to_staff, resource
from clients.services.exporting import when, why_closed
from keys.errors import KeysError

_FOLDER = "files"
_PREFACE = (
    "Where this record is put into a file, each of these lies in its folder “files”, byte for byte as it was attached."
)


def register() -> None:
    """Declare the part."""
    register_part(Part("attachments", "Files", 30, gather_attachments))


def gather_attachments(gathering: Gathering) -> Chapter:
    """Open every file of a record, the oldest first; of those that were taken out, only that they were there."""
    rows = list(reversed(attachments_of(gathering.client).values()))
    if not rows:
        return Chapter()
    found = [_gather(gathering, number, row) for number, row in enumerate(rows, start=1)]
    return Chapter(
        tuple(leaf for leaf, _, _ in found),
        preface=_PREFACE,
        resources=tuple(one for _, one, _ in found if one),
        attached=tuple(one for _, _, one in found if one),
    )


def _gather(gathering: Gathering, number: int, row: Attachment) -> tuple[Leaf, Resource | None, Attached | None]:
    facts = (("Attached", f"{when(row.added_at)}, {row.added_by.display_name}"), ("Number", str(row.pk)))
    title = f"File {number}"
    try:
        reader = Reader.of(gathering.by, gathering.client, gathering.receipt)
        opened = reader.open(row)
        content = reader.content(row) if opened.facts else None
    except KeysError as error:
        return Leaf(title, facts, problem=why_closed(gathering, error)), None, None
    if content is None:
        return Leaf(title, (*facts, *_removed(opened))), None, None
    name = f"{_FOLDER}/{number:03} {content.facts.name}"
    said = (("What it is", content.facts.description),) if content.facts.description else ()
    leaf = Leaf(f"{title}: {content.facts.name}", (*said, *facts, ("SHA-256", content.facts.sha256)))
    return leaf, _document(row, content, name), (name, partial(reader.pieces, row))


def _removed(opened: Opened) -> tuple[tuple[str, str], ...]:
    removal, error = opened.removal, opened.error
    assert removal is not None  # noqa: S101 (what has no facts was taken out)
    assert error is not None  # noqa: S101 (and that has a reason)
    taken = f"{when(removal.removed_at)}, {removal.removed_by.display_name}. {error.label}."
    return (("Taken out, because it was attached in error", taken),)


def _document(row: Attachment, content: Content, name: str) -> Resource:
    facts = content.facts
    attached = {"contentType": facts.kind.media_type, "url": quote(name), "size": facts.size}
    return resource(
        "DocumentReference",
        row.pk,
        status="current",
        subject=refer_to_client(row.client),
        date=moment(row.added_at),
        author=[refer_to_staff(row.added_by)],
        description=facts.description,
        content=[{"attachment": {**attached, "title": facts.name}}],
    )
