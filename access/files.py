"""Files that are handed out, to be kept, or to be shown as what they are and no more."""

from collections.abc import Iterable
from typing import TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

JSON = "application/json"
MARKDOWN = "text/markdown; charset=utf-8"
PDF = "application/pdf"
PLAIN = "text/plain; charset=utf-8"
ZIP = "application/zip"

Response = TypeVar("Response", HttpResponse, StreamingHttpResponse)


def hand_out(content: bytes | str, *, kind: str, name: str) -> HttpResponse:
    """Answer with a file for the reader's own device.

    :param kind: its media type
    :param name: what it is called there; it says nobody's name
    """
    return _in_a_box(HttpResponse(content, content_type=kind), name)


def hand_out_as_made(
    pieces: Iterable[bytes], *, kind: str, name: str, size: int | None = None, shown: bool = False
) -> StreamingHttpResponse:
    """Answer with a file that is made while it is sent, see :func:`hand_out`.

    :param size: in bytes, where it is known: a browser then tells a file that broke off from a whole one
    :param shown: to be shown, and not kept
    """
    response = _in_a_box(StreamingHttpResponse(pieces, content_type=kind), name, shown=shown)
    if size is not None:
        response["Content-Length"] = str(size)
    return response


def _in_a_box(response: Response, name: str, *, shown: bool = False) -> Response:
    response["Content-Disposition"] = content_disposition_header(as_attachment=not shown, filename=name) or "inline"
    # Whatever a browser makes of it, it runs in no page of ours: an origin of its own, without scripts.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
