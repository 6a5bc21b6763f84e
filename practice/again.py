"""Asking for the passphrase again: because a session went idle or is over, or because an act wants it fresh.

A script is answered 423 and asks in place. A form that was posted after the time-out comes back whole, beside the
passphrase field, and is posted once more to where it was going: the gate opens the keys with the one and lets the
other through. So a form that its view then finds wanting stands at its own address. Nothing is parked on the server.
"""

from enum import Enum

from django.http import HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from access.requests import VisitorRequest
from access.web import reopenable, safe_next, wants_json
from practice.keeping import PREFIX, Kept, kept_fields
from practice.reopening import PERSON, AnyForm, form_for, opens


class Needs(Enum):
    """Why the page asks."""

    SIGN_IN = "sign_in"
    FRESH = "fresh"


def ask(request: VisitorRequest, needs: Needs) -> HttpResponse | None:
    """Answer a request that came without open keys, or with keys whose passphrase is too long ago.

    :returns: None once the passphrase came along with the form and opened them
    """
    if wants_json(request):
        return JsonResponse({"unlock_url": reverse("practice:again"), "needs": _needed(form_for(request))}, status=423)
    if request.method == "POST":
        return _take_along(request, needs)
    target = "practice:again" if needs is Needs.FRESH or reopenable(request) else "access:sign_in"
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse(target)}?{query}")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def again(request: VisitorRequest) -> HttpResponse:
    """Take the passphrase (and what else is needed), then go on."""
    form = form_for(request, request.POST if request.method == "POST" else None)
    if opens(request, form):
        return JsonResponse({"csrf": get_token(request)}) if wants_json(request) else redirect(safe_next(request))
    if wants_json(request):
        return JsonResponse({"error": _first_error(form), "needs": _needed(form)}, status=423)
    return _show(request, form, needs=Needs.SIGN_IN)


def _take_along(request: VisitorRequest, needs: Needs) -> HttpResponse | None:
    came_along = any(name.startswith(f"{PREFIX}-") for name in request.POST)
    form = form_for(request, request.POST if came_along else None, prefix=PREFIX)
    kept = kept_fields(request.POST, view_name=request.resolver_match.view_name if request.resolver_match else "")
    if not opens(request, form):
        return _show(request, form, needs=needs, kept=kept)
    form_alone = QueryDict(mutable=True)
    for field in kept:
        form_alone.appendlist(field.name, field.value)
    request.POST = form_alone  # type: ignore[assignment] # the view reads it like any other
    return None


def _show(request: VisitorRequest, form: AnyForm, *, needs: Needs, kept: list[Kept] | None = None) -> HttpResponse:
    person = request.user.pk if request.user.is_authenticated else request.POST.get(PERSON, "")
    context = {
        "form": form,
        "next": safe_next(request, ""),
        "kept": kept,
        "has_prose": any(field.is_prose for field in kept or ()),
        "is_signed_in": needs is Needs.FRESH or request.unlocked is not None,
        "person_field": PERSON,
        "person": person,
    }
    return render(request, "practice/again.html", context, status=423 if request.method == "POST" else 200)


def _needed(form: AnyForm) -> list[str]:
    return list(form.fields)


def _first_error(form: AnyForm) -> str:
    if "address" in form.fields:
        return "This browser no longer knows who you are. Sign in in a second tab; then this page goes on."
    return next(str(error) for errors in form.errors.values() for error in errors)
