"""Asking for the passphrase again: because a session went idle or is over, or because an act wants it fresh.

A script is answered 423 and asks in place. A form that was posted after the time-out comes back whole, beside the
passphrase field; :mod:`practice.reopening` hands it to its view once the same person has signed in. Nothing is parked
on the server.
"""

from enum import Enum

from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from access.forms import PassphraseForm, SignInForm
from access.requests import VisitorRequest
from access.web import reopenable, wants_json

PREFIX = "kept-"
_OURS = ("csrfmiddlewaretoken", "passphrase", "code", "address", "next", "person")
Kept = list[tuple[str, str]]


class Needs(Enum):
    """Why the page asks."""

    SIGN_IN = "sign_in"
    FRESH = "fresh"


def ask(request: VisitorRequest, needs: Needs) -> HttpResponse:
    """Answer a request that came without open keys, or with keys whose passphrase is too long ago."""
    if wants_json(request):
        fields = list(form_for(request).fields)
        return JsonResponse({"unlock_url": reverse("practice:again"), "needs": fields}, status=423)
    if request.method == "POST":
        kept = [(name, value) for name in request.POST if name not in _OURS for value in request.POST.getlist(name)]
        return show(request, form_for(request), path=request.get_full_path(), kept=kept, needs=needs)
    target = "practice:again" if needs is Needs.FRESH or reopenable(request) else "access:sign_in"
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse(target)}?{query}")


def form_for(request: VisitorRequest, data: QueryDict | None = None) -> PassphraseForm | SignInForm:
    """Choose what to ask for: the passphrase alone where this device is known, else everything."""
    if request.unlocked is not None or reopenable(request):
        return PassphraseForm(data)
    return SignInForm(data)


def show(
    request: VisitorRequest,
    form: PassphraseForm | SignInForm,
    *,
    path: str,
    kept: Kept,
    needs: Needs,
) -> HttpResponse:
    """Show the page, with whatever was typed before."""
    context = {
        "form": form,
        "path": path,
        "kept": [(PREFIX + name, name, value) for name, value in kept],
        "is_fresh_only": needs is Needs.FRESH or request.unlocked is not None,
        "person": request.user.pk if request.user.is_authenticated else request.POST.get("person", ""),
    }
    return render(request, "practice/again.html", context, status=423 if request.method == "POST" else 200)
