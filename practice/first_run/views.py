"""The pages of a set-up. The gate shows them while there is no practice, and only the browser that began goes on."""

import functools
from base64 import b64encode
from collections.abc import Callable

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.acting import Refusal
from access.forms import FactorForm, NewPassphraseForm, RecoveryForm
from access.proposing import proposal_for
from access.qr import draw_qr
from access.requests import VisitorRequest
from access.services.first_run import NotYours, is_under_way, may_begin, use_up
from access.services.first_run import begin_set_up as begin
from keys.errors import CodesRefused, TooBusy
from practice.first_run.forms import BrowserSheetsForm, OneTimeCodeForm, SheetCodesForm
from practice.first_run.progress import Page, Progress
from practice.first_run.steps import Step, choose_passphrase, confirm_app, finish, retype_recovery_code
from practice.retyping import NothingKept
from practice.setting_up import NamesForm

_FOLDER = "practice/set_up/"
_BUSY = "The server is busy just now. Please press the button again in a moment."

StepView = Callable[[VisitorRequest, Step], HttpResponse]


def step_of(page: Page) -> Callable[[StepView], Callable[[VisitorRequest], HttpResponse]]:
    """Make a view that only the browser of the set-up gets to, and only once every page before it was passed."""

    def decorate(view: StepView) -> Callable[[VisitorRequest], HttpResponse]:
        @functools.wraps(view)
        def wrapped(request: VisitorRequest) -> HttpResponse:
            try:
                step = _open(request)
                return view(request, step) if step.progress.may_open(page) else redirect(step.progress.next_page)
            except NotYours:
                return _not_yours(request)

        return wrapped

    return decorate


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def begin_set_up(request: VisitorRequest) -> HttpResponse:
    """Ask for the one-time code; whoever has begun in this browser goes on."""
    try:
        return redirect(_open(request).progress.next_page)
    except NotYours:
        if not may_begin(at=timezone.now()):
            return _not_yours(request)
    form = OneTimeCodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            cookie = begin(code=form.cleaned_data["code"], progress=Progress.fresh().to_bytes(), at=timezone.now())
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            return _with_cookie(redirect(Page.NAMES), cookie)
    return render(request, _FOLDER + "begin.html", {"form": form})


@require_http_methods(["GET", "POST"])
@step_of(Page.NAMES)
def set_up_names(request: VisitorRequest, step: Step) -> HttpResponse:
    """Ask for the practice's name and for the first person."""
    form = NamesForm(request.POST if request.method == "POST" else None, initial=vars(step.progress))
    if form.is_valid():
        step.keep(step.progress.with_names(form.cleaned_data))
        return redirect(step.progress.next_page)
    return render(request, _FOLDER + "names.html", {"form": form})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@step_of(Page.PASSPHRASE)
def set_up_passphrase(request: VisitorRequest, step: Step) -> HttpResponse:
    """Have a passphrase chosen, and propose one."""
    is_sent = request.method == "POST" and "another" not in request.POST
    form = NewPassphraseForm(request.POST if is_sent else None)
    if form.is_valid():
        try:
            choose_passphrase(step, form.cleaned_data["passphrase"])
        except Refusal as refusal:
            form.add_error("passphrase", str(refusal))
        except TooBusy:
            form.add_error(None, _BUSY)
        else:
            return redirect(step.progress.next_page)
    return render(request, _FOLDER + "passphrase.html", {"form": form, **proposal_for(request)})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@step_of(Page.APP)
def set_up_app(request: VisitorRequest, step: Step) -> HttpResponse:
    """Set up the authenticator app."""
    form = FactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            confirm_app(step, form.cleaned_data["code"])
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            return redirect(step.progress.next_page)
    app = step.progress.app
    address = app.address(label=step.progress.name, issuer=step.progress.practice_name)
    context = {"form": form, "address": address, "qr": draw_qr(address), "secret": app.text}
    return render(request, _FOLDER + "app.html", context)


@require_GET
@step_of(Page.CODE)
def set_up_code(request: VisitorRequest, step: Step) -> HttpResponse:
    """Show the personal recovery code and the backup codes; whoever comes back finds the same."""
    context = {"groups": step.progress.recovery_code.split("-"), "backup": step.progress.backup_codes}
    return render(request, _FOLDER + "code.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@step_of(Page.RETYPE_CODE)
def retype_set_up_code(request: VisitorRequest, step: Step) -> HttpResponse:
    """Have the recovery code typed back from paper."""
    form = RecoveryForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            retype_recovery_code(step, form.cleaned_data["typed"])
        except Refusal as refusal:
            form.add_error("typed", str(refusal))
        else:
            return redirect(step.progress.next_page)
    return render(request, _FOLDER + "retype_code.html", {"form": form})


@require_http_methods(["GET", "POST"])
@step_of(Page.SHEETS)
def set_up_sheets(request: VisitorRequest, step: Step) -> HttpResponse:
    """Ask how many recovery sheets there are to be, and how many of them it takes."""
    initial = {"codes": len(step.progress.codes) or 3, "needed": step.progress.needed}
    form = BrowserSheetsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        step.keep(step.progress.with_sheets(count=form.cleaned_data["codes"], needed=form.cleaned_data["needed"]))
        return redirect(step.progress.next_page)
    return render(request, _FOLDER + "sheets.html", {"form": form})


@require_GET
@step_of(Page.PRINT)
def print_set_up_sheets(request: VisitorRequest, step: Step) -> HttpResponse:
    """Show the sheets, each on a page of its own when printed."""
    sheets = [(number, code.split("-")) for number, code in enumerate(step.progress.codes, start=1)]
    pepper = b64encode(settings.PEPPER).decode("ascii")
    context = {"progress": step.progress, "sheets": sheets, "pepper": pepper, "today": timezone.localdate()}
    return render(request, _FOLDER + "print.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@step_of(Page.FINISH)
def finish_set_up(request: VisitorRequest, step: Step) -> HttpResponse:
    """Have enough sheets typed back; if they open, the practice is there from this moment on."""
    form = SheetCodesForm(request.POST if request.method == "POST" else None, needed=step.progress.needed)
    if form.is_valid():
        try:
            sheet = finish(step, form.codes())
        except (CodesRefused, NothingKept) as error:
            form.add_error(None, str(error))
        else:
            context = {"sheet": sheet, "practice_name": sheet.practice_name}
            return _with_cookie(render(request, _FOLDER + "done.html", context), "")
    return render(request, _FOLDER + "finish.html", {"form": form, "needed": step.progress.needed})


@require_POST
@step_of(Page.NAMES)
def stop_set_up(request: VisitorRequest, step: Step) -> HttpResponse:
    """Break the set-up off: nothing of it is left."""
    use_up(step.ceremony)
    return _with_cookie(_not_yours(request, stopped=True), "")


def _open(request: VisitorRequest) -> Step:
    return Step(cookie=request.COOKIES.get(settings.SET_UP_COOKIE_NAME, ""), at=timezone.now())


def _not_yours(request: VisitorRequest, *, stopped: bool = False) -> HttpResponse:
    context = {"under_way": is_under_way(at=timezone.now()), "stopped": stopped}
    return render(request, _FOLDER + "not_yours.html", context, status=200 if stopped else 409)


def _with_cookie(response: HttpResponse, value: str) -> HttpResponse:
    """Give the browser its half; an empty value takes it away."""
    if not value:
        response.delete_cookie(settings.SET_UP_COOKIE_NAME, samesite="Strict")
        return response
    response.set_cookie(
        settings.SET_UP_COOKIE_NAME, value, secure=settings.TLS, httponly=True, samesite="Strict", path="/"
    )
    return response
