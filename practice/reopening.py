"""Taking the passphrase again, and whatever else is needed to open the keys of this request."""

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.utils import timezone

from access.acting import Refusal
from access.forms import PassphraseForm, ReturnForm, SignInForm
from access.requests import VisitorRequest
from access.services.addresses import open_address
from access.services.key_sessions import close_session
from access.services.signing_in import Proof, reauthenticate, reopen, sign_in
from access.web import begin, reopenable, resume, visitor
from audit.acts import Act
from audit.services import record_refusal
from keys.errors import TooBusy

PERSON = "again-person"
_BUSY = "Many people are signing in just now. Please try again in a moment."
AnyForm = PassphraseForm | ReturnForm | SignInForm


def form_for(request: VisitorRequest, data: QueryDict | None = None, *, prefix: str | None = None) -> AnyForm:
    """Choose what to ask for: the passphrase on a known device, the code too after twelve hours, else everything."""
    if request.unlocked is not None or reopenable(request):
        return PassphraseForm(data, prefix=prefix)
    return (ReturnForm if request.user.is_authenticated else SignInForm)(data, prefix=prefix)


def opens(request: VisitorRequest, form: AnyForm) -> bool:
    """Open the keys of this request with what was typed, or say in the form why not.

    :raises PermissionDenied: the page belonged to somebody else than who signs in now
    """
    if not form.is_valid():
        return False
    try:
        _open(request, form.cleaned_data)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
    except TooBusy:
        form.add_error(None, _BUSY)
    return not form.errors


def _open(request: VisitorRequest, typed: dict[str, str]) -> None:
    if request.user.is_authenticated:
        _check_person(request, str(request.user.pk))
    now = timezone.now()
    if request.unlocked is not None and request.actor is not None:
        reauthenticate(by=request.actor, passphrase=typed["passphrase"], at=now)
        request.unlocked.session.fresh_at = now
    elif known := reopenable(request):
        user, opened_at = known
        resume(request, reopen(by=visitor(request), user=user, opened_at=opened_at, at=now, **typed))
    else:
        _sign_in(request, typed)


def _sign_in(request: VisitorRequest, typed: dict[str, str]) -> None:
    user = request.user
    # After twelve hours the browser still says who it was; only on a new device is the address asked.
    known = {"address": open_address(user.sealed_email, row=user.pk)} if user.is_authenticated else {}
    opened, device = sign_in(by=visitor(request), proof=Proof(**known, **typed), at=timezone.now())
    try:
        _check_person(request, str(opened.user.pk))
    except PermissionDenied:
        close_session(opened.id)
        raise
    begin(request, opened, device=device)


def _check_person(request: VisitorRequest, user_id: str) -> None:
    """Keep what one person typed from being sent in another's name."""
    # Empty where the browser no longer knew whose page it was.
    if (request.POST.get(PERSON) or user_id) != user_id:
        record_refusal(Act.ACCESS_REFUSED, by=visitor(request), at=timezone.now())
        raise PermissionDenied
