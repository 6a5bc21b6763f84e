"""After a page of somebody who holds a waiting key: one small step, and a word about who made a key they met first.

A session asks once, when it was just unlocked. Where nothing waits it never asks again, so a page costs nothing more.
"""

import logging
from collections import Counter
from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from access.acting import Actor
from access.middleware import UNTOUCHED
from access.requests import VisitorRequest
from access.services.people import names_of_staff
from audit.services import AuditUnavailable
from clients.services.rotating import record_met, rotate_next
from keys.services import NewMaker

logger = logging.getLogger(__name__)
_ASKED = "rotation_asked"


class RotationMiddleware:
    """Goes on with what waits once the page is made; whatever fails there leaves the page as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        visitor = cast("VisitorRequest", request)
        if visitor.unlocked and visitor.actor and not _is_way_out(request):
            try:
                _go_on(visitor, visitor.actor, list(visitor.unlocked.keys.met))
            except (DatabaseFailure, AuditUnavailable) as error:
                logger.warning("rotation: %s", type(error).__name__)
        return response


def _is_way_out(request: HttpRequest) -> bool:
    # Whoever leaves has no session any more, and must not be given another one.
    return request.resolver_match is None or request.resolver_match.view_name in UNTOUCHED


def _go_on(request: VisitorRequest, by: Actor, met: list[NewMaker]) -> None:
    if met:
        with transaction.atomic(durable=True):
            record_met(by=by, met=met, at=timezone.now())
        _tell(request, met)
    unlock = str(by.session)
    if request.session.get(_ASKED) != unlock and not rotate_next(by=by, at=timezone.now()):
        request.session[_ASKED] = unlock


def _tell(request: VisitorRequest, met: list[NewMaker]) -> None:
    makers = Counter(one.holder for one in met)
    names = names_of_staff(set(makers))
    for holder, count in makers.items():
        what = "the key of a record" if count == 1 else f"the keys of {count} records or contacts"
        who = names.get(holder, "A client")
        messages.info(request, f"{who} replaced {what} that you can open. If that surprises you, ask your manager.")
