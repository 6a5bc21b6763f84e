"""Every view asked as every role and signed out: the answers are the table's, and the table is the pinned one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.services.caring import start_care
from practice.cast import Person
from practice.policy import POLICY, PUBLIC, Record, Row
from tests.addresses import VIEWS, address_of
from tests.cast import sign_in
from tests.practice.conftest import House

METHODS = ("GET", "POST")
OPEN = {200, 204, 302, 400, 405, 409}
# What a form must carry to be looked at further than its own fields.
FORM = {"revision": "0"}
# The page that asks for the passphrase, sent without one; a wish for changes by whom nobody named a supervisor.
ASKING = {"practice:again": {423}, "notes:ask_for_changes": {404}}
OF_A_CLIENT = {Record.CLIENT, Record.NOTE, Record.DRAFT, Record.WILL}
OF_THE_STAFF = {Record.ENTRY, Record.PERSON, Record.TOMBSTONE}


class TestPage:
    def test_is_the_pinned_one(self):
        call_command("access_matrix", check=True)

    @pytest.mark.parametrize(
        "loosened",
        [
            {"practice:browse_log": Row((Role.MANAGER, Role.AUDITOR, Role.THERAPIST))},
            {"access:browse_staff": PUBLIC},
            {"clients:read": Row(POLICY["clients:read"].roles)},
            {"access:invite_staff": Row((Role.MANAGER,), fresh=False)},
            {"practice:finish_set_up": PUBLIC},
        ],
    )
    def test_check_fails_when_a_row_is_loosened(self, monkeypatch, loosened):
        for name, row in loosened.items():
            monkeypatch.setitem(POLICY, name, row)
        with pytest.raises(CommandError, match=next(iter(loosened))):
            call_command("access_matrix", check=True)

    def test_check_fails_without_the_page(self, settings, tmp_path):
        settings.BASE_DIR = tmp_path
        with pytest.raises(CommandError, match="disagree"):
            call_command("access_matrix", check=True)

    def test_written_page_passes(self, settings, tmp_path):
        settings.BASE_DIR = tmp_path
        (tmp_path / "docs").mkdir()
        call_command("access_matrix", write=True)
        call_command("access_matrix", check=True)

    def test_is_printed(self, capsys):
        call_command("access_matrix")
        assert "| `/healthz` | `practice:healthz` | everybody, signed out too |" in capsys.readouterr().out


class TestEveryView:
    @pytest.mark.parametrize("role", Role)
    def test_answers_each_role_as_the_table_says(self, house: House, role):
        browser = sit_down(house.person(role))
        wrong = [
            f"{method} {name} answers {answer.status_code}, the gate {'refused' if refused else 'opened'}"
            for number, name in enumerate(VIEWS)
            for method in methods_for(role, name, number)
            for answer, refused in [ask(browser, house, name, method)]
            if not is_right(name, role, answer, refused=refused)
        ]
        assert not wrong, "\n".join(wrong)

    def test_asks_whoever_is_signed_out_to_sign_in(self, house: House):
        browser = Browser(raise_request_exception=False)
        wrong = [
            f"{method} {name} answers {answer.status_code}"
            for method in METHODS
            for name in VIEWS
            for answer, _ in [ask(browser, house, name, method)]
            if not is_right_signed_out(name, method, answer)
        ]
        assert not wrong, "\n".join(wrong)


class TestEveryRecord:
    """Somebody else's and nobody's are one answer, made by the same work."""

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("name", [name for name, row in POLICY.items() if row.record in OF_A_CLIENT])
    def test_of_somebody_else_looks_like_none(self, house: House, name, method):
        theirs = house.address_of(name)
        with stranger(house, name) as browser:
            assert_same_404(browser, method, theirs, address_of(name))

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("name", [name for name, row in POLICY.items() if row.record is Record.DRAFT])
    def test_that_a_colleague_in_care_still_writes_looks_like_none(self, house: House, signed_in, name, method):
        theirs = house.address_of(name)
        by, sam = house.cast.manager.as_(Role.MANAGER), house.cast.sam
        start_care(by=by, client=house.desk.client, therapist_id=sam.user.pk, at=timezone.now())
        assert_same_404(signed_in(sam), method, theirs, address_of(name))

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("name", [name for name, row in POLICY.items() if row.record in OF_THE_STAFF])
    def test_of_the_staff_that_does_not_exist_shows_no_page(self, house: House, signed_in, name, method):
        answer = signed_in(house.cast.manager).generic(method, address_of(name))
        # Who was confirmed meanwhile leads back to the people: colleagues are no secret to a manager.
        assert answer.status_code in ({302, 405} if POLICY[name].record is Record.PERSON else {404, 405})


def sit_down(person: Person) -> Browser:
    """Sign somebody in, and ask for a first page, whose work is not done again."""
    browser = Browser(raise_request_exception=False)
    sign_in(browser, person)
    browser.get(reverse("access:find_help"))
    return browser


def methods_for(role: Role, name: str, number: int) -> tuple[str, ...]:
    """Say how a view is asked: both ways by whom it opens to, else one way by this role and the other by the next.

    The gate looks at no method, and a third of the work would be its refusing everything to everybody twice.
    """
    opens = POLICY[name].is_public or role in POLICY[name].roles
    return METHODS if opens else (METHODS[(number + list(Role).index(role)) % 2],)


def ask(browser: Browser, house: House, name: str, method: str) -> tuple[Any, bool]:
    """Ask one view, and take back whatever that did. Says whether the gate's refusal is in the log."""
    address = house.address_of(name)
    before, cookies = transaction.savepoint(), browser.cookies.copy()
    try:
        answer = browser.generic(method, address, REMOTE_ADDR="203.0.113.9")
        return answer, last_refusal() == name.replace(":", ".")
    finally:
        transaction.savepoint_rollback(before)
        browser.cookies = SimpleCookie(cookies)


def last_refusal() -> str | None:
    """Say which page the gate refused last, as the log has it."""
    refusals = Entry.objects.filter(action=Act.ACCESS_REFUSED).order_by("-pk")
    return refusals.values_list("obj_type", flat=True).first()


def is_right(name: str, role: Role, answer: HttpResponse, *, refused: bool) -> bool:
    row = POLICY[name]
    if row.first_run:
        return answer.status_code == 404 and not refused
    if row.is_public or role in row.roles:
        return answer.status_code in OPEN | ASKING.get(name, set()) and not refused
    return answer.status_code == 403 and refused


def is_right_signed_out(name: str, method: str, answer: HttpResponse) -> bool:
    if POLICY[name].first_run:
        return answer.status_code == 404
    if POLICY[name].is_public:
        return answer.status_code in OPEN | ASKING.get(name, set())
    if method == "POST":
        return answer.status_code == 423
    return answer.status_code == 302 and answer["Location"].startswith((reverse("access:sign_in"), "/again/"))


@contextmanager
def stranger(house: House, name: str) -> Iterator[Browser]:
    """Sit down somebody whom the row lets through, and who does not hold the record."""
    roles = POLICY[name].roles
    browser = Browser()
    if Role.THERAPIST in roles:
        sign_in(browser, house.cast.sam)
    elif Role.CLIENT in roles:
        sign_in(browser, house.cast.noor.person)
    else:
        sign_in(browser, house.cast.manager)
        # Managers know of every client but the hidden ones.
        hide(house.cast.robin.client_id)
    yield browser


def hide(client_id: UUID) -> None:
    with connection.cursor() as cursor:
        value = client_id if connection.vendor == "postgresql" else client_id.hex
        cursor.execute("UPDATE clients_client SET hidden = %s WHERE id = %s", [True, value])


def assert_same_404(browser: Browser, method: str, theirs: str, none: str) -> None:
    send = getattr(browser, method.lower())
    send(none, FORM)  # what only the first request does is done
    with CaptureQueriesContext(connection) as for_none:
        of_none = send(none, FORM)
    with CaptureQueriesContext(connection) as for_theirs:
        of_theirs = send(theirs, FORM)
    assert of_theirs.status_code == of_none.status_code
    assert of_theirs.status_code in {404, 405}
    assert without_secrets(of_theirs) == without_secrets(of_none)
    assert shapes(for_theirs) == shapes(for_none)


def without_secrets(answer: HttpResponse) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|csrf-token" content="\w+"', "", answer.content.decode())


def shapes(captured: CaptureQueriesContext) -> list[str]:
    """Take the values out of the statements: what is left is the work that was done."""
    return [re.sub(r"'[^']*'|\d+", "?", query["sql"])[:60] for query in captured]
