"""Taking the passphrase again, then going on where the person was: nothing typed is lost."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from access.acting import Refusal
from access.forms import PassphraseForm, SignInForm
from access.requests import VisitorRequest
from access.services.signing_in import Proof, reauthenticate, reopen, sign_in
from access.web import begin, reopenable, resume, safe_next, visitor, wants_json
from keys.errors import TooBusy
from practice.again import PREFIX, Kept, Needs, form_for, show
from practice.gate import admit


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def again(request: VisitorRequest) -> HttpResponseBase:
    """Take the passphrase (and what else is needed), then go on."""
    form = form_for(request, request.POST if request.method == "POST" else None)
    kept = _kept(request)
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
    return show(request, form, path=safe_next(request), kept=kept, needs=Needs.SIGN_IN)


def _open(request: VisitorRequest, form: PassphraseForm | SignInForm) -> None:
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


def _check_same_person(request: VisitorRequest, user_id: str) -> None:
    expected = request.POST.get("person")
    if expected and expected != user_id:
        raise PermissionDenied


def _go_on(request: VisitorRequest, kept: Kept) -> HttpResponseBase:
    if wants_json(request):
        return JsonResponse({"csrf": get_token(request)})
    path = safe_next(request)
    return _replay(request, path, kept) if kept else redirect(path)


def _replay(request: VisitorRequest, path: str, kept: Kept) -> HttpResponseBase:
    """Hand the kept form to its view, through the gate like any other request."""
    bare = path.split("?", maxsplit=1)[0]
    try:
        match = resolve(bare)
    except Resolver404:
        return redirect("/")
    data = QueryDict(mutable=True)
    for name, value in kept:
        data.appendlist(name, value)
    request.POST = data  # type: ignore[assignment]  # as frozen as Django's own: nobody writes to it
    request.path, request.path_info, request.resolver_match = bare, bare, match
    return admit(request, match) or match.func(request, *match.args, **match.kwargs)


def _kept(request: VisitorRequest) -> Kept:
    names = [name for name in request.POST if name.startswith(PREFIX)]
    return [(name.removeprefix(PREFIX), value) for name in names for value in request.POST.getlist(name)]
