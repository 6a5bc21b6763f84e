"""Files that are handed out to be kept, not shown."""

from django.http import HttpResponse

MARKDOWN = "text/markdown; charset=utf-8"


def hand_out(content: bytes, *, kind: str, name: str) -> HttpResponse:
    """Answer with a file for the reader's own device.

    :param kind: its media type
    """
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
