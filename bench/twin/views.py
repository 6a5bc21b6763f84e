"""The five pages, and what the shared templates show around them."""

import functools
from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from access.forms import SignInForm
from bench.twin.models import Access, Client, Note
from notes.published import find_published

_NAV = {"Today": "notes:today", "Clients": "clients:browse", "My account": "access:read_account"}
_CLOCK = {"touch_url": "access:stay", "status_url": "access:status", "unlock_url": "practice:again"}


def page(request: HttpRequest) -> dict[str, object]:
    around: dict[str, object] = {"practice_name": "Bench", "help_url": reverse("access:find_help")}
    if not request.user.is_authenticated:
        return around
    nav = [{"url": reverse(name), "label": label} for label, name in _NAV.items()]
    clock = {"idle_seconds": 900, "warn_seconds": 120} | {key: reverse(name) for key, name in _CLOCK.items()}
    return {**around, "actor": request.user, "nav": nav, "session_clock": clock}


def logged(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @functools.wraps(view)
    def wrapped(request: HttpRequest, **kwargs: UUID) -> HttpResponse:
        Access(user_id=request.user.pk, path=request.path).save()
        return view(request, **kwargs)

    return login_required(wrapped)


def enter(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data
        user = authenticate(request, username=typed["address"], password=typed["passphrase"])
        if user is not None:
            login(request, user)
            Access(user_id=user.pk, path=request.path).save()
            return redirect("/")
        form.add_error(None, "That did not match.")
    return render(request, "access/sign_in.html", {"form": form})


@logged
def browse(request: HttpRequest) -> HttpResponse:
    clients = Client.objects.filter(therapist=request.user.pk).select_related("therapist").order_by("name")
    listed = [{"client": row, "label": row.name, "carers": [row.therapist.display_name]} for row in clients]
    return render(request, "clients/browse.html", {"listed": listed, "may_invite": True})


@logged
def read(request: HttpRequest, note_id: UUID) -> HttpResponse:
    notes = Note.objects.filter(client__therapist=request.user.pk).select_related("client", "author")
    note = get_object_or_404(notes, pk=note_id)
    sections = [(part, part.shown(note.texts[part.name])) for part in find_published(note.format).sections]
    context = {"note": note, "label": note.client.name, "opened": {"sections": [row for row in sections if row[1]]}}
    return render(request, "notes/read.html", context)


class DraftForm(forms.Form):
    revision = forms.IntegerField()
    brought = forms.CharField(required=False)
    together = forms.CharField(required=False)
    plan = forms.CharField(required=False)
    safety = forms.CharField(required=False)
    follow_up = forms.CharField(required=False)


@logged
def save(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    draft = get_object_or_404(Note, pk=draft_id, author=request.user.pk, signed_at=None)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "This is no draft."}, status=400)
    texts, now = form.cleaned_data, timezone.now()
    revision = texts.pop("revision")
    changed = {"revision": revision + 1, "texts": texts, "written_at": now}
    if not Note.objects.filter(pk=draft.pk, revision=revision).update(**changed):
        return JsonResponse({"revision": draft.revision}, status=409)
    return JsonResponse({"revision": revision + 1, "saved_at": now.isoformat()})


@logged
def sign(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    note = get_object_or_404(Note, pk=draft_id, author=request.user.pk, revision=request.POST["revision"])
    note.signed_at = timezone.now()
    note.save()
    messages.success(request, "Signed and locked.")
    return redirect("notes:read", note.pk)
