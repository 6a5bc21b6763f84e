"""A manager's pages of the practice's own text: what is published, what would be, and publishing it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from access.files import MARKDOWN, hand_out
from access.requests import ActingRequest
from consent.choosing_form import ChoicesForm, ReviewForm
from consent.services.choosing import ChoicesRefused, Proposal, find_text, own_text, preview, publish_choices
from consent.services.publishing import ReviewTooOld, shipped_choices


@require_GET
def read_text(request: ActingRequest) -> HttpResponse:
    """Show the published text, who reviewed it, and what became of earlier ones."""
    return render(request, "consent/read_text.html", {"own": own_text(), "catalogue": shipped_choices()})


@require_GET
def download_text(request: ActingRequest, version: str) -> HttpResponse:  # noqa: ARG001 (the gate has read it)
    """Hand out a published text, byte for byte as it was hashed."""
    publication = find_text(version)
    if publication is None:
        raise Http404
    return hand_out(publication.text.encode(), kind=MARKDOWN, name="text.md")


@require_GET
def choose(request: ActingRequest) -> HttpResponse:
    """Choose what stands in the text, and look at all of it; the choices stand in the address. Nothing is kept."""
    if not request.GET:
        return _show(request, ChoicesForm(shipped_choices(), initial=_chosen_before()))
    choices = ChoicesForm(shipped_choices(), request.GET)
    return _show(request, choices, ReviewForm(is_changed=_is_changed(choices)))


@require_http_methods(["GET", "POST"])
def publish(request: ActingRequest) -> HttpResponse:
    """Publish the text that was on the page, or say why not, with everything still filled in."""
    if request.method == "GET":
        return redirect("consent:choose")
    choices = ChoicesForm(shipped_choices(), request.POST)
    review = ReviewForm(request.POST, is_changed=_is_changed(choices))
    if choices.is_valid() and review.is_valid() and _published(request, choices, review):
        messages.success(request, "The text is published. Clients read it from now on.")
        return redirect("consent:read_text")
    return _show(request, choices, review)


def _published(request: ActingRequest, choices: ChoicesForm, review: ReviewForm) -> bool:
    typed = review.cleaned_data
    proposal = Proposal(typed["base"], typed["seen"], choices.choices, review.change_class, review.review)
    try:
        publish_choices(by=request.actor, proposal=proposal, at=timezone.now())
    except ReviewTooOld as refusal:
        review.add_error("reviewed_date", str(refusal))
    except ChoicesRefused as refusal:
        review.add_error(None, str(refusal))
    return not review.errors


def _show(request: ActingRequest, choices: ChoicesForm, review: ReviewForm | None = None) -> HttpResponse:
    context = {
        "own": own_text(),
        "choices": choices,
        "review": review,
        "preview": preview(choices.choices) if choices.is_bound and choices.is_valid() else None,
        # Whose errors stand on top of the page.
        "form": review if review and review.errors and not choices.errors else choices,
    }
    return render(request, "consent/choose.html", context)


def _is_changed(choices: ChoicesForm) -> bool:
    return choices.is_valid() and preview(choices.choices).is_changed


def _chosen_before() -> dict[str, str]:
    """Return what the practice chose last time; before the first time nothing is chosen for it."""
    own = own_text()
    return {"jurisdiction": own.jurisdiction, **own.use} if own.is_chosen else {}
