"""Lists as practices have them."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from access.models import Invitation
from audit.models import Entry
from clients.models import Care, CareLetter, Client
from consent.models import Event
from keys.models import Grant, Vault
from tests.cast import Cast

ADDRESS = "/clients/bring/"
CONFIRM = "/clients/bring/confirmed/"
CANARY = "Zaunkönig-4402"
LIST = f"""\
Name,Contact,Since,Signed elsewhere on,Where the paper is,Own reference
Ines {CANARY},ines@post.example,2023-03-04,2023-03-05,"Blue folder, shelf 2",17
Ada Quist,+1 555 0188,,,,18
Lee Nobody,,,,,19
"""


@pytest.fixture
def counted() -> Callable[[], list[int]]:
    """Everything that bringing clients in may make, to be counted again."""
    made = (Client, Care, CareLetter, Event, Invitation, Vault, Grant)
    return lambda: [model.objects.count() for model in made]


@pytest.fixture
def manager(cast: Cast, signed_in: Callable[..., Browser]) -> Browser:
    return signed_in(cast.manager)


@pytest.fixture
def dana(cast: Cast, signed_in: Callable[..., Browser]) -> Browser:
    return signed_in(cast.dana)


def upload(browser: Browser, text: str | bytes, cast: Cast, name: str = "clients.csv"):
    """Send a list, for Dana's clients."""
    raw = text.encode() if isinstance(text, str) else text
    return browser.post(ADDRESS, {"file": SimpleUploadedFile(name, raw), "therapist": str(cast.dana.user.pk)})


def shown(answer) -> dict[str, str]:
    """Return what the preview's form would send."""
    form = answer.context["form"]
    return {name: str(form[name].value()) for name in form.fields}


def entries(act: str) -> int:
    return Entry.objects.filter(action=act).count()
