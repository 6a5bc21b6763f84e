"""Pages on which past notes move in: files are chosen, looked through, and only then brought in."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.acting import Refusal
from access.requests import ActingRequest
from keys.errors import KeysError
from notes.services.importing import Haul, import_notes
from practice.importing.past import PastListing, look_through_past, open_parcel, pack
from practice.importing.past_forms import BringForm, DaysForm, PastNotesForm
from practice.importing.pieces import COLUMNS, Piece
from practice.importing.sheets import NotReadable

_CHANGED = "Something has changed since you looked. Nothing was brought in; please look again."
_NO_KEY = "The key of one of these records could not be vouched for. No note was brought in."


@require_http_methods(["GET", "POST"])
def choose_notes(request: ActingRequest) -> HttpResponse:
    """Take files with past notes, and show what would come in."""
    form = PastNotesForm(*(request.POST, request.FILES) if request.method == "POST" else (None, None))
    if form.is_valid():
        pieces = form.cleaned_data["notes"]
        try:
            parcel = pack(pieces, by=request.actor)
        except NotReadable as error:
            form.add_error("notes", str(error))
        else:
            listing = look_through_past(by=request.actor, pieces=pieces, days={}, at=timezone.now())
            return _preview(request, listing, parcel)
    columns = [names[0].capitalize() for names in COLUMNS.values()]
    return render(request, "practice/choose_notes.html", {"form": form, "columns": columns})


@require_POST
def bring_notes(request: ActingRequest) -> HttpResponse:
    """Bring in what the preview showed, and say what was left out."""
    form = BringForm(request.POST)
    if not form.is_valid():
        return redirect("practice:choose_notes")
    try:
        pieces = open_parcel(form.cleaned_data["parcel"], by=request.actor)
    except NotReadable as error:
        messages.warning(request, str(error))
        return redirect("practice:choose_notes")
    try:
        return _bring(request, form, pieces)
    except (Refusal, KeysError) as why_not:
        return _show_again(request, form, pieces, str(why_not) if isinstance(why_not, Refusal) else _NO_KEY)


def _bring(request: ActingRequest, form: BringForm, pieces: Sequence[Piece]) -> HttpResponse:
    by, now = request.actor, timezone.now()
    parcel, seen, number = form.facts()
    shown = look_through_past(by=by, pieces=pieces, days={}, at=now)
    days = DaysForm(request.POST, shown.undated)
    if shown.fingerprint != seen or not days.is_valid():
        return _preview(request, shown, parcel, days=days, refused="" if shown.fingerprint == seen else _CHANGED)
    chosen = days.days(shown.undated)
    listing = look_through_past(by=by, pieces=pieces, days=chosen, at=now) if chosen else shown
    if not listing.brought:
        return _preview(request, shown, parcel, days=days)
    # The readers are those of the page: whoever came into care since then gets no key by this.
    import_notes(by=by, haul=Haul(listing.notes(), number, shown.confirmed()), at=now)
    return render(request, "practice/brought_notes.html", {"listing": listing})


def _show_again(request: ActingRequest, form: BringForm, pieces: Sequence[Piece], refused: str) -> HttpResponse:
    """Show what is true now, with the days as they were typed."""
    listing = look_through_past(by=request.actor, pieces=pieces, days={}, at=timezone.now())
    days = DaysForm(request.POST, listing.undated)
    return _preview(request, listing, form.cleaned_data["parcel"], days=days, refused=refused)


def _preview(
    request: ActingRequest, listing: PastListing, parcel: str, *, days: DaysForm | None = None, refused: str = ""
) -> HttpResponse:
    days = days or DaysForm(None, listing.undated)
    form = BringForm(initial={"parcel": parcel, "seen": listing.fingerprint})
    context = {"listing": listing, "form": form, "days": days, "refused": refused}
    return render(request, "practice/preview_notes.html", context)
