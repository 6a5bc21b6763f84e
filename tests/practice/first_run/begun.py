"""Set-ups that have come to each of their pages, and what is left of them."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from access.services.first_run import allow_set_up, begin_set_up, open_set_up
from access.services.passphrases import Chosen
from practice.first_run.progress import Page, Progress
from practice.policy import POLICY

PASSPHRASE = "seven quiet herons over water"
NAMES = {
    "practice_name": "Linden House",
    "name": "Tamsin Quillfeather",
    "address": "tamsin@linden.example",
    "therapist": "on",
}
ADDRESSES = [reverse(name) for name, row in POLICY.items() if row.first_run]
STAGES = (Page.NAMES, Page.PASSPHRASE, Page.APP, Page.CODE, Page.SHEETS, Page.PRINT)
SetUp = apps.get_model("access.SetUp")


@cache
def chosen() -> Chosen:
    return Chosen.derive(PASSPHRASE)


def come_to(stage: Page) -> Progress:
    """Draw and type all that comes before this page."""
    begun = Progress.fresh()
    named = begun.with_names({**NAMES, "therapist": True})
    sealed = named.with_passphrase(chosen())
    with_app = replace(sealed, app_step=5)
    typed = replace(with_app, recovery_code_typed=True)
    drawn = typed.with_sheets(count=3, needed=2)
    return dict(zip(STAGES, (begun, named, sealed, with_app, typed, drawn), strict=True))[stage]


def sit_down(progress: Progress) -> Browser:
    """Begin in a browser of one's own, as far along as this."""
    browser, code = Browser(), allow_set_up(at=timezone.now())
    cookie = begin_set_up(code=code, progress=progress.to_bytes(), at=timezone.now())
    browser.cookies[settings.SET_UP_COOKIE_NAME] = cookie
    return browser


def kept(browser: Browser) -> Progress:
    """Open what a browser's set-up has come to, with its cookie."""
    cookie = browser.cookies[settings.SET_UP_COOKIE_NAME].value
    return Progress.from_bytes(open_set_up(cookie=cookie, at=timezone.now()).progress)


def typed_codes(progress: Progress) -> dict[str, str]:
    """Fill the last form in, from paper."""
    return {f"typed_{number}": progress.codes[number - 1].lower() for number in range(1, progress.needed + 1)}


def everything() -> dict[str, int]:
    """Count the rows of every table but the one that says how often something was tried."""
    models = [model for model in apps.get_models() if model._meta.label != "access.Throttle"]
    return {model._meta.label: model._base_manager.count() for model in models}


def key_files() -> list[str]:
    return sorted(file.name for file in Path(settings.KEY_DIR).glob("*"))


def is_founded() -> bool:
    return apps.get_model("access.Practice").objects.exists()
