"""When somebody wrote the database: what was moved, forged or swapped is not believed."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.bad_days.desk import (
    CANARY,
    SECTION,
)
from tests.browser.people import Manager
from tests.browser.server import DemoPractice

# What is not believed is found out above the database; tests/security/test_written_database.py writes to both kinds.
pytestmark = pytest.mark.once


class TestWhenSomebodyWroteTheDatabase:
    def test_a_body_that_was_moved_is_not_shown(self, dana, server, desk, provoked):
        provoked.add("status of 500")
        dana.write(SECTION, CANARY)
        dana.saves()
        first = dana.page.url
        dana.begin_note(desk.notes_url, "Message", at=desk.next_moment())
        dana.write(SECTION, CANARY)
        dana.saves()
        ids = [re.findall(r"[0-9a-f-]{36}", url)[0] for url in (first, dana.page.url)]
        swap(server.practice, "notes_draft", "sealed_body", [as_stored(id_) for id_ in ids])
        for address in (first, dana.page.url):
            dana.open(address)
            dana.reads("A seal is broken")
            assert CANARY not in dana.page.content()
        swap(server.practice, "notes_draft", "sealed_body", [as_stored(id_) for id_ in ids])

    def test_a_forged_grant_opens_nothing(self, dana, server, desk, provoked):
        provoked |= {"status of 500", "status of 403"}
        dana.write(SECTION, CANARY)
        dana.saves()
        grants = grants_of(server.practice, "therapist", kind="record")
        others = grants_of(server.practice, "therapist", kind="contact")
        pair = [grants[0], others[0]]
        swap(server.practice, "keys_grant", "wrap", pair)
        dana.page.reload()
        expect(dana.page.locator("h1")).to_have_text(
            re.compile("A seal is broken|This key is not one we can vouch for|You do not have the key yet")
        )
        assert CANARY not in dana.page.content()
        swap(server.practice, "keys_grant", "wrap", pair)

    def test_a_swapped_public_key_is_given_nothing(self, server, open_page, provoked):
        provoked.add("status of 500")
        manager, practice = Manager(open_page()), server.practice
        manager.sign_in(practice, "manager")
        manager.open("/clients/")
        manager.follow("Robin Marlowe")
        manager.follow("Add a therapist")
        identities = [identity_of(practice, key) for key in ("other_therapist", "auditor")]
        swap(practice, "keys_identity", "kem_public", identities)
        grants = practice.query("SELECT count(*) FROM keys_grant")
        manager.field("Therapist").select_option(label="Samuel Okafor")
        manager.press("Add to the care team")
        manager.reads("This key is not one we can vouch for")
        swap(practice, "keys_identity", "kem_public", identities)
        assert practice.query("SELECT count(*) FROM keys_grant") == grants


def identity_of(practice: DemoPractice, key: str) -> str:
    """Return the id of somebody's row of public keys, as SQL writes it."""
    holder = as_stored(practice.people[key]["user"])
    [(id_,)] = practice.query(f"SELECT id FROM keys_identity WHERE holder = {holder}")  # noqa: S608 (ours)
    return as_stored(str(id_))


def as_stored(id_: str) -> str:
    """Write an id as SQLite finds it, which keeps the digits without dashes."""
    return f"'{id_.replace('-', '')}'"


def grants_of(practice: DemoPractice, key: str, *, kind: str) -> list[str]:
    """List the ids of somebody's grants on vaults of a kind, as SQL writes them."""
    holder = as_stored(practice.people[key]["user"])
    source = "keys_grant g JOIN keys_vault v ON v.id = g.vault_id JOIN keys_identity i ON i.key_id = g.grantee"
    rows = practice.query(
        f"SELECT g.id FROM {source} WHERE v.kind = '{kind}' AND i.holder = {holder} ORDER BY g.id"  # noqa: S608 (ours)
    )
    return [str(id_) for (id_,) in rows]


def swap(practice: DemoPractice, table: str, column: str, ids: list[str]) -> None:
    """Exchange what two rows hold in one column of bytes."""
    held = [practice.query(f"SELECT {column} FROM {table} WHERE id = {id_}")[0][0] for id_ in ids]  # noqa: S608 (ours)
    for id_, value in zip(reversed(ids), held, strict=True):
        practice.execute(f"UPDATE {table} SET {column} = X'{value.hex()}' WHERE id = {id_}")  # noqa: S608 (ours)
