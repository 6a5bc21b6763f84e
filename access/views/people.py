"""The manager's page of people, and everybody's own account."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from access.acting import Refusal
from access.forms import InviteStaffForm, SettingsForm
from access.qr import draw_qr
from access.requests import ActingRequest
from access.roles import Role
from access.services import accounts
from access.services.confirming import newcomers, words_to_read
from access.services.inviting import AlreadyInvited, Letter, invite_staff
from access.services.mailing import can_mail, invitation_link
from access.services.people import all_staff, change_settings, the_practice
from access.services.withdrawing import invited_staff, withdraw_from_staff


@require_GET
def browse_staff(request: ActingRequest) -> HttpResponse:
    """Show who works here and who waits to be confirmed."""
    invited = invited_staff(at=timezone.now())
    context = {"staff": all_staff(), "newcomers": newcomers(by=request.actor), "invited": invited}
    return render(request, "access/browse_staff.html", context)


@require_http_methods(["GET", "POST"])
def invite_colleague(request: ActingRequest) -> HttpResponse:
    """Invite a colleague; link and code are shown once."""
    form = InviteStaffForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        typed = {**form.cleaned_data, "roles": tuple(Role(role) for role in form.cleaned_data["roles"])}
        try:
            letter = invite_staff(by=request.actor, **typed, at=timezone.now())
        except AlreadyInvited as refusal:
            messages.warning(request, str(refusal))
            return redirect("access:browse_staff")
        return render(request, "access/letter.html", {"label": typed["name"], **letter_context(letter)})
    return render(request, "access/invite_staff.html", {"form": form})


@require_POST
def withdraw_colleague(request: ActingRequest, user_id: UUID) -> HttpResponse:
    """Withdraw the invitation of a colleague to be."""
    try:
        withdraw_from_staff(by=request.actor, holder=user_id, at=timezone.now())
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, "Withdrawn. The link and the code open nothing any more.")
    return redirect("access:browse_staff")


@require_http_methods(["GET", "POST"])
def set_practice(request: ActingRequest) -> HttpResponse:
    """Change how the practice works: who invites, what may be hidden, which numbers people read."""
    practice = the_practice()
    form = SettingsForm(request.POST if request.method == "POST" else None, initial=vars(practice))
    if form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes:
            change_settings(by=request.actor, changes=changes, at=timezone.now())
        messages.success(request, "The settings are saved.")
        return redirect("access:set_practice")
    return render(request, "access/set_practice.html", {"form": form})


@require_GET
def read_account(request: ActingRequest) -> HttpResponse:
    """Show somebody their own account: name, roles, how they sign in, and where they are signed in."""
    account = accounts.read_account(by=request.actor, at=timezone.now())
    words = words_to_read(by=request.actor)
    return render(request, "access/read_account.html", {"account": account, "words": words})


def letter_context(letter: Letter) -> dict[str, object]:
    """Gather what an inviter hands over: the link as text and as a QR code, and apart from it the code."""
    link = invitation_link(letter.token)
    return {"link": link, "qr": draw_qr(link), "code": letter.code, "mailed": letter.mailed, "can_mail": can_mail()}
