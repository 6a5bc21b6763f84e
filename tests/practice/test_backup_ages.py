"""Managers see on their page of people how old the last backup and the last rehearsal are."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit.actors import System
from audit.acts import Act
from audit.services import record
from keys.services import Standing, count_held, hold_revived_grants
from tests.cast import Cast
from tests.conftest import SignIn

AMBER, GREEN = '<span class="tag note">', '<span class="tag ok">'


@pytest.fixture
def card(cast: Cast, signed_in: SignIn):
    """Read the card as the manager sees it."""

    def read() -> str:
        page = signed_in(cast.manager).get(reverse("access:browse_staff")).content.decode()
        return page[page.index('id="backups"') :]

    return read


def log(act: Act, *, ago: timedelta) -> None:
    with transaction.atomic():
        record(act, by=System(), at=timezone.now() - ago)


def test_never_is_amber(card):
    assert card().count(f"{AMBER}never") == 3
    assert "docs/runbook.md" in card()


@pytest.mark.parametrize(
    ("backup", "drill", "amber"),
    [
        (timedelta(hours=47), timedelta(days=364), 0),
        (timedelta(hours=49), timedelta(days=364), 1),
        (timedelta(hours=47), timedelta(days=366), 1),
    ],
)
def test_two_days_and_a_year_are_too_long(card, backup, drill, amber):
    log(Act.BACKUP_MADE, ago=backup)
    log(Act.BACKUP_DRILLED, ago=drill)
    log(Act.RECOVERY_DRILLED, ago=timedelta(days=364))
    assert card().count(AMBER) == amber
    assert card().count(GREEN) == 3 - amber
    assert ("docs/runbook.md" in card()) is bool(amber)


def test_what_a_restore_put_out_of_reach_is_counted(card):
    assert "wait to be confirmed" not in card()
    hold_revived_grants(Standing(frozenset(), frozenset()))
    assert f"{count_held()} accounts or keys wait to be confirmed" in card()
    assert "confirm_restore" in card()


def test_sheets_that_nobody_tried_for_a_year_are_amber(card):
    log(Act.BACKUP_MADE, ago=timedelta(hours=1))
    log(Act.BACKUP_DRILLED, ago=timedelta(days=1))
    log(Act.RECOVERY_DRILLED, ago=timedelta(days=366))
    assert card().count(AMBER) == 1
    assert "docs/runbook.md" in card()
