"""The manager's page of people, and everybody's own account."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from access.forms import InviteStaffForm, SettingsForm
from access.qr import draw_qr
from access.requests import ActingRequest
from access.roles import Role
from access.services.confirming import newcomers
from access.services.inviting import Letter, invite_staff
from access.services.mailing import can_mail, invitation_link
from access.services.people import all_staff, change_settings, sign_in_methods, the_practice


@require_GET
def browse_staff(request: ActingRequest) -> HttpResponse:
    """Show who works here and who waits to be confirmed."""
    context = {"staff": all_staff(), "newcomers": newcomers(by=request.actor)}
    return render(request, "access/browse_staff.html", context)


@require_http_methods(["GET", "POST"])
def invite_colleague(request: ActingRequest) -> HttpResponse:
    """Invite a colleague; link and code are shown once."""
    form = InviteStaffForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        typed = form.cleaned_data
        roles = tuple(Role(role) for role in typed["roles"])
        letter = invite_staff(
            by=request.actor, name=typed["name"], address=typed["address"], roles=roles, at=timezone.now()
        )
        return render(request, "access/letter.html", {"name": typed["name"], **letter_context(letter)})
    return render(request, "access/invite_staff.html", {"form": form})


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
    """Show somebody their own account: name, roles, and how they sign in."""
    return render(request, "access/read_account.html", {"methods": sign_in_methods(request.actor.user)})


def letter_context(letter: Letter) -> dict[str, object]:
    """Gather what an inviter hands over: the link as text and as a QR code, and apart from it the code."""
    link = invitation_link(letter.token)
    return {"link": link, "qr": draw_qr(link), "code": letter.code, "mailed": letter.mailed, "can_mail": can_mail()}
