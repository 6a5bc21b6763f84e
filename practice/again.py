"""The page that asks for the passphrase again, and then goes on where the person was: nothing typed is lost.

A script is answered 423 and asks in place. A form that was posted after the time-out comes back whole, beside the
passphrase field, and is handed to its view once the same person has signed in. Nothing is parked on the server.
"""

from enum import Enum

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from access.acting import Refusal
from access.forms import PassphraseForm, SignInForm
from access.services.signing_in import Proof, reauthenticate, reopen, sign_in
from access.web import begin, reopenable, resume, safe_next, visitor, wants_json
from keys.errors import TooBusy
from practice.gate import admit

_PREFIX = "kept-"
_OURS = ("csrfmiddlewaretoken", "passphrase", "code", "address", "next", "person")


class Needs(Enum):
    """Why the page asks."""

    SIGN_IN = "sign_in"
    FRESH = "fresh"


def ask(request: HttpRequest, needs: Needs) -> HttpResponse:
    """Answer a request that came without open keys, or with keys whose passphrase is too long ago."""
    if wants_json(request):
        fields = list(_form(request).fields)
        return JsonResponse({"unlock_url": reverse("practice:again"), "needs": fields}, status=423)
    if request.method == "POST":
        kept = [(name, value) for name in request.POST if name not in _OURS for value in request.POST.getlist(name)]
        return _page(request, _form(request), path=request.get_full_path(), kept=kept, needs=needs)
    target = "practice:again" if needs is Needs.FRESH or reopenable(request) else "access:sign_in"
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse(target)}?{query}")


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponseBase:
    """Take the passphrase (and what else is needed), then go on."""
    form = _form(request, request.POST if request.method == "POST" else None)
    kept = [
        (name[len(_PREFIX) :], value)
        for name in request.POST
        if name.startswith(_PREFIX)
        for value in request.POST.getlist(name)
    ]
    if form.is_valid():
        try:
            _open(request, form)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        except TooBusy:
            form.add_error(None, "Many people are signing in just now. Please try again in a moment.")
        else:
            return _go_on(request, kept)
    if wants_json(request):
        return JsonResponse({"errors": form.errors.get_json_data()}, status=423)
    return _page(request, form, path=safe_next(request), kept=kept, needs=Needs.SIGN_IN)


def _form(request: HttpRequest, data: QueryDict | None = None) -> PassphraseForm | SignInForm:
    """The passphrase alone where this device is known, else everything."""
    if request.unlocked is not None or reopenable(request):
        return PassphraseForm(data)
    return SignInForm(data)


def _open(request: HttpRequest, form: PassphraseForm | SignInForm) -> None:
    now, typed = timezone.now(), form.cleaned_data
    if request.unlocked is not None and request.actor is not None:
        reauthenticate(by=request.actor, passphrase=typed["passphrase"], at=now)
        request.unlocked.session.fresh_at = now
    elif known := reopenable(request):
        user, opened_at = known
        opened = reopen(by=visitor(request), user=user, passphrase=typed["passphrase"], opened_at=opened_at, at=now)
        resume(request, opened)
    else:
        opened, device = sign_in(by=visitor(request), proof=Proof(**typed), at=now)
        _check_same_person(request, str(opened.user.pk))
        begin(request, opened, device=device)


def _check_same_person(request: HttpRequest, user_id: str) -> None:
    expected = request.POST.get("person")
    if expected and expected != user_id:
        raise PermissionDenied


def _go_on(request: HttpRequest, kept: list[tuple[str, str]]) -> HttpResponseBase:
    if wants_json(request):
        return JsonResponse({"csrf": get_token(request)})
    path = safe_next(request)
    return _replay(request, path, kept) if kept else redirect(path)


def _replay(request: HttpRequest, path: str, kept: list[tuple[str, str]]) -> HttpResponseBase:
    """Hand the kept form to its view, through the gate like any other request."""
    bare = path.split("?", maxsplit=1)[0]
    try:
        match = resolve(bare)
    except Resolver404:
        return redirect("/")
    data = QueryDict(mutable=True)
    for name, value in kept:
        data.appendlist(name, value)
    request.POST, request.path, request.path_info, request.resolver_match = data, bare, bare, match
    return admit(request, match) or match.func(request, *match.args, **match.kwargs)


def _page(
    request: HttpRequest,
    form: PassphraseForm | SignInForm,
    *,
    path: str,
    kept: list[tuple[str, str]],
    needs: Needs,
) -> HttpResponse:
    context = {
        "form": form,
        "path": path,
        "kept": [(_PREFIX + name, name, value) for name, value in kept],
        "is_fresh_only": needs is Needs.FRESH or request.unlocked is not None,
        "person": request.user.pk if request.user.is_authenticated else request.POST.get("person", ""),
    }
    return render(request, "practice/again.html", context, status=423 if request.method == "POST" else 200)
