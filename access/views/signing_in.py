"""Signing in, signing out, leaving quickly, and the clock of a session."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.acting import Refusal
from access.forms import SendCodeForm, SignInForm
from access.requests import ActingRequest, VisitorRequest
from access.services.accounts import sign_out_elsewhere
from access.services.key_sessions import absolute_left, idle_left
from access.services.mailing import can_mail
from access.services.people import send_sign_in_code, the_practice
from access.services.signing_in import Proof, sign_in, sign_out
from access.web import begin, end, forget, safe_next, visitor
from audit.services import AuditUnavailable
from keys.errors import TooBusy

_FETCHED_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_BUSY = "Many people are signing in just now. Please try again in a moment."


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def enter(request: VisitorRequest) -> HttpResponse:
    """Sign in with address, passphrase and code in one form."""
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            opened, device = sign_in(by=visitor(request), proof=Proof(**form.cleaned_data), at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        except TooBusy:
            form.add_error(None, _BUSY)
        else:
            begin(request, opened, device=device)
            # Who has something to set up anew can go nowhere else yet.
            return redirect("/" if opened.user.is_returning else safe_next(request))
    return _show(request, form, SendCodeForm())


@require_POST
def send_code(request: VisitorRequest) -> HttpResponse:
    """Mail a code; the answer is the same for every address."""
    mail_form = SendCodeForm(request.POST)
    if not mail_form.is_valid():
        return _show(request, SignInForm(), mail_form)
    try:
        send_sign_in_code(by=visitor(request), address=mail_form.cleaned_data["address"], at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.info(
            request, "If this address signs in by mailed code, a code is on its way. It works for ten minutes."
        )
    return _show(request, SignInForm(initial=mail_form.cleaned_data), None)


def _show(request: VisitorRequest, form: SignInForm, mail_form: SendCodeForm | None) -> HttpResponse:
    context = {"form": form, "mail_form": mail_form, "next": safe_next(request, ""), "can_mail": can_mail()}
    return render(request, "access/sign_in.html", context)


@require_POST
def leave_elsewhere(request: ActingRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    sign_out_elsewhere(by=request.actor, browser=request.session.session_key or "", at=timezone.now())
    messages.success(request, "Done. Wherever else you were signed in, you are not any more.")
    return redirect("access:read_account")


@require_POST
def leave_session(request: VisitorRequest) -> HttpResponse:
    """Sign out; also after the keys have closed, so that this browser forgets who it was."""
    _close(request)
    response = redirect("access:signed_out")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_GET
def signed_out(request: VisitorRequest) -> HttpResponse:
    """Say that nothing is open any more."""
    return render(request, "access/signed_out.html")


@require_http_methods(["GET", "POST"])
def leave(request: VisitorRequest) -> HttpResponse:
    """Leave quickly: signed out first, then a neutral page. Works with scripts off."""
    try:
        if _was_pressed(request):
            _close(request)
    except (DatabaseError, AuditUnavailable):
        # Whoever has to be gone is gone, whatever the database can do: without the cookies nothing opens.
        forget(request)
    return redirect(settings.NEUTRAL_PAGE)


def _was_pressed(request: VisitorRequest) -> bool:
    """Say whether a person follows our link: not another site's, no picture, no browser that fetches ahead.

    By W3C's Fetch Metadata Request Headers, and by what older browsers said when they fetched ahead; a browser too
    old to say anything is believed.
    """
    asked = request.headers
    is_ours = asked.get("Sec-Fetch-Site", "none") in {"same-origin", "none"}
    is_page = asked.get("Sec-Fetch-Dest", "document") == "document"
    return is_ours and is_page and not any(name in asked for name in _FETCHED_AHEAD)


def _close(request: VisitorRequest) -> None:
    if request.unlocked is not None and request.actor is not None:
        sign_out(by=request.actor, at=timezone.now())
    end(request)


@require_GET
def status(request: ActingRequest) -> JsonResponse:
    """Say how many seconds the session stays open, without keeping it open; and give the newest form token."""
    row, now = request.unlocked.session, timezone.now()
    left = {"idle_left": idle_left(row, at=now), "absolute_left": absolute_left(row, at=now)}
    seconds = {name: max(0, int(value.total_seconds())) for name, value in left.items()}
    # Signing in draws a new token, and the pages that other tabs have open would go on sending the old one.
    return JsonResponse({**seconds, "csrf": get_token(request)})


@require_POST
def stay(request: ActingRequest) -> HttpResponse:  # noqa: ARG001 (coming through the gate is the activity)
    """Stay signed in: one key on the warning."""
    return HttpResponse(status=204)


@require_GET
def find_help(request: VisitorRequest) -> HttpResponse:
    """Name people to call, day or night; needs no sign-in."""
    practice = the_practice()
    context = {"practice": practice, "is_988": practice.crisis_line.startswith("988"), "back": _came_from(request)}
    return render(request, "access/find_help.html", context)


def _came_from(request: VisitorRequest) -> str:
    """Name the page of ours that led here; browsers say so only to us (Referrer-Policy)."""
    before = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure())
    path = urlsplit(before).path
    return path if ours and path != request.path else ""
