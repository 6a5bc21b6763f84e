"""The manager's page of people."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from access.forms import InviteStaffForm
from access.roles import Role
from access.services.confirming import newcomers
from access.services.inviting import invite_staff
from access.services.mailing import invitation_link
from access.services.people import all_staff
from access.web import ActingRequest


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
        context = {"letter": letter, "link": invitation_link(letter.token), "name": typed["name"]}
        return render(request, "access/letter.html", context)
    return render(request, "access/invite_staff.html", {"form": form})
