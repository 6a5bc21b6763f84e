"""Searching one's own caseload: the words come with a POST and stand in no address; what is found is streamed."""

import logging
import re
from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from access.requests import ActingRequest
from notes.forms.searching import SearchForm
from notes.searched import MAX_FOUND, SECONDS, Ended
from notes.services.searching import NobodyOfThatName, Search, begin_search

logger = logging.getLogger(__name__)
# Where the page is parted for what is found. Typed text is escaped, so it cannot look like this.
_HERE = "<!-- found -->"
_A_CODE = re.compile("[A-Z2-7]{6}")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def search(request: ActingRequest) -> HttpResponseBase:
    """Ask what to search for; then show what is found as it is found."""
    form = SearchForm(request.POST if request.method == "POST" else None, initial={"client": _code(request)})
    if form.is_valid():
        try:
            search = begin_search(by=request.actor, wanted=form.wanted(), at=timezone.now())
        except NobodyOfThatName:
            form.add_error("client", "Nobody in your care has this name or code.")
        else:
            return StreamingHttpResponse(_stream(_page(request, form, search), search))
    return _page(request, form)


def _page(request: ActingRequest, form: SearchForm, search: Search | None = None) -> HttpResponse:
    # Rendered whole before the first word of an answer: messages and token go into the session and cookies of now.
    limits = {"max_found": MAX_FOUND, "seconds": SECONDS}
    return render(request, "notes/search.html", {"form": form, "count": search and search.count, **limits})


def _stream(page: HttpResponse, search: Search) -> Iterator[str]:
    before, _, after = page.content.decode().partition(_HERE)
    yield before
    try:
        for found in search:
            yield render_to_string("notes/_found.html", {"of": found, "reader": search.by.user})
    except Exception as error:  # noqa: BLE001 (what leaves here is logged by the server, with a message that may quote)
        logger.error("search: %s", type(error).__name__)
        search.count.ended = Ended.BROKEN
    end = {"count": search.count, "ended": search.count.ended.name, "max_found": MAX_FOUND, "seconds": SECONDS}
    yield render_to_string("notes/_found_end.html", end) + after


def _code(request: ActingRequest) -> str:
    """Return the code in the address, from a client's own page; a longer word there is nobody's code."""
    code = request.GET.get("client", "")
    return code if _A_CODE.fullmatch(code) else ""
