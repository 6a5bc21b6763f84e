"""Reading a page of the access log as somebody sees it."""

import re
from html import unescape

from django.http import HttpResponse
from django.urls import reverse

LOG = reverse("practice:browse_log")
_ROW = re.compile(r"<tr(?: class=\"(attention)\")?>\s*<td.*?</tr>", re.DOTALL)


def rows(answer: HttpResponse) -> list[str]:
    """Read the lines of the table as text; one that asks for attention begins with an exclamation mark."""
    found = _ROW.finditer(answer.content.decode())
    return [("! " if match[1] else "") + words(match[0]) for match in found]


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def links(answer: HttpResponse) -> set[str]:
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return {unescape(link) for link in re.findall(r'(?:href|action)="([^"]*)"', main)}
