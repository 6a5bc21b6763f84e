"""Files that are handed out to be kept, not shown."""

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
    return _to_be_kept(HttpResponse(content, content_type=kind), name)


def hand_out_as_made(
    pieces: Iterable[bytes], *, kind: str, name: str, size: int | None = None
) -> StreamingHttpResponse:
    """Answer with a file that is made while it is sent, see :func:`hand_out`.

    :param size: in bytes, where it is known: a browser then tells a file that broke off from a whole one
    """
    response = _to_be_kept(StreamingHttpResponse(pieces, content_type=kind), name)
    if size is not None:
        response["Content-Length"] = str(size)
    return response


def _to_be_kept(response: Response, name: str) -> Response:
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    # Whatever a browser makes of it, it runs in no page of ours: an origin of its own, without scripts.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
