"""Days on which something goes wrong: nothing typed is lost, nothing sealed is shown, and the words are plain."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, StorageState, expect

from tests.browser.outages import full_disk, is_sqlite, read_only, stopped_log
from tests.browser.people import TALK, ClientOnPhone, Manager, Therapist, find_line
from tests.browser.server import DemoPractice, Server

OpenPage = Callable[..., Page]
SECTION = "What happened"
CANARY = "cinnamonthunder"
STILL_TRYING = "Not saved, still trying"
UNREACHABLE = {"net::ERR_", "Failed to load resource"}


@pytest.fixture(scope="module")
def server(demo_practice: DemoPractice, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all bad days: each of them ends with everything in order."""
    practice = demo_practice.clone(tmp_path_factory.mktemp("bad-days") / "practice")
    running = Server(practice)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        practice.drop()


@dataclass
class Desk:
    """What lasts from test to test: Dana's passphrase and cookies, Robin's address, and moments not yet used."""

    passphrase: str = ""
    cookies: StorageState | None = None
    notes_url: str = ""

    def __post_init__(self) -> None:
        start = datetime.now(UTC)
        self._moments = (start - timedelta(minutes=minutes) for minutes in count(1))

    def next_moment(self) -> datetime:
        """Return a moment that no draft is about."""
        return next(self._moments)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture
def sit_down(server: Server, open_page: OpenPage, desk: Desk) -> Callable[..., Therapist]:
    """Sit Dana down at one more browser; only the first time does she need a code."""

    def sit(*, scripts: bool = True) -> Therapist:
        dana = Therapist(open_page(scripts=scripts, cookies=desk.cookies))
        if desk.cookies is None:
            desk.passphrase = dana.sign_in(server.practice, "therapist")["passphrase"]
        desk.notes_url = desk.notes_url or dana.find_client("Robin Marlowe")
        dana.open("/again/?next=/today/")
        dana.type("Passphrase", desk.passphrase)
        dana.press("Sign in and go on" if "sign in again" in dana.heading() else "Go on")
        desk.cookies = dana.page.context.storage_state()
        return dana

    return sit


@pytest.fixture
def dana(sit_down: Callable[..., Therapist], desk: Desk) -> Therapist:
    """Dana at an empty draft."""
    dana = sit_down()
    dana.begin_note(desk.notes_url, "Call", at=desk.next_moment())
    return dana


def expect_trouble(dana: Therapist, words: str) -> None:
    expect(dana.page.locator("[data-save-status][data-state=trouble]")).to_contain_text(words, timeout=20_000)


def text_of(dana: Therapist) -> Locator:
    return dana.field(SECTION)


def end_sessions(server: Server) -> None:
    """Forget every open key, as the idle lock does."""
    server.practice.execute("DELETE FROM access_keysession")


class TestWhileSheTypes:
    def test_a_lost_connection_costs_nothing(self, dana, provoked):
        provoked |= UNREACHABLE
        dana.write(SECTION, "Before. ")
        dana.sees_saved()
        dana.page.context.set_offline(True)
        text_of(dana).press_sequentially("In the tunnel.")
        expect_trouble(dana, STILL_TRYING)
        dana.page.context.set_offline(False)
        dana.sees_saved()
        dana.page.reload()
        expect(text_of(dana)).to_have_value("Before. In the tunnel.")

    def test_a_power_cut_costs_nothing_while_the_page_stays(self, dana, server, provoked):
        provoked |= UNREACHABLE
        dana.write(SECTION, "Before. ")
        server.kill()
        text_of(dana).press_sequentially("In the dark.")
        expect_trouble(dana, STILL_TRYING)
        server.start()
        dana.sees_saved()
        dana.page.reload()
        expect(text_of(dana)).to_have_value("Before. In the dark.")

    def test_a_power_cut_of_both_costs_three_seconds_at_most(self, dana, server):
        address = dana.page.url
        text_of(dana).press_sequentially("Older than three seconds. ")
        # Typing goes on without a pause, so no moment of quiet saves it.
        typed_until = time.monotonic() + 3
        while time.monotonic() < typed_until:
            text_of(dana).press_sequentially("x", delay=100)
        server.kill()
        dana.page.goto("about:blank")
        server.start()
        dana.open(address)
        assert text_of(dana).input_value().startswith("Older than three seconds. ")

    def test_the_end_of_the_session_asks_in_place(self, dana, server, desk, provoked):
        provoked.add("status of 423")
        dana.write(SECTION, "One two four")
        dana.sees_saved()
        end_sessions(server)
        for _ in "four":
            text_of(dana).press("ArrowLeft")
        text_of(dana).press_sequentially("three ")
        expect(dana.page.get_by_role("dialog")).to_contain_text("What you typed is still here.")
        dana.type("Passphrase", desk.passphrase)
        dana.page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
        dana.sees_saved()
        dana.page.keyboard.type("and ")
        expect(text_of(dana)).to_have_value("One two three and four")
        dana.sees_saved()

    def test_a_second_window_loses_neither_text(self, dana, provoked):
        provoked.add("status of 409")
        other = Therapist(dana.page.context.new_page())
        other.open(dana.page.url)
        dana.write(SECTION, "From the first window.")
        dana.sees_saved()
        other.write(SECTION, "From the second window.")
        expect_trouble(other, "this draft was changed in another window")
        expect(other.page.locator(".conflict")).to_contain_text("From the first window.")
        expect(text_of(other)).to_have_value("From the second window.")
        other.press("Keep both")
        other.sees_saved()
        other.page.reload()
        expect(text_of(other)).to_have_value("From the second window.\n\nFrom the first window.")

    def test_three_hundred_kilobytes_are_refused_in_words_and_kept(self, dana, provoked):
        provoked.add("status of 400")
        long = "A long story. " * (300 * 1024 // 14)
        text_of(dana).fill(long)
        expect_trouble(dana, "A note holds up to 200,000 characters")
        expect(text_of(dana)).to_have_value(long)
        text_of(dana).fill(long[:150_000])
        dana.sees_saved()

    def test_every_script_and_emoji_comes_back(self, dana):
        words = "שלום, כאן 🌿👩🏽\u200d⚕️ ﷽ e\u0301 → é"
        text_of(dana).fill(words)
        dana.sees_saved()
        dana.review()
        dana.sign()
        dana.reads("שלום, כאן 🌿👩🏽\u200d⚕️ ﷽ é → é")

    def test_a_nul_is_named_and_the_rest_kept(self, dana, provoked):
        provoked.add("status of 400")
        text_of(dana).evaluate(
            "field => { field.value = 'ab\\0cd'; field.dispatchEvent(new Event('input', {bubbles: true})); }"
        )
        expect_trouble(dana, "a character that nobody can see and that cannot be stored (NUL), as character 3")
        text_of(dana).fill("abcd")
        dana.sees_saved()

    def test_signing_twice_makes_one_note(self, dana, server):
        dana.write(SECTION, "Once.")
        dana.review()
        before = server.practice.query("SELECT count(*) FROM notes_note")[0][0]
        dana.page.get_by_role("button", name="Sign and lock").dblclick()
        dana.reads("Signed")
        expect(dana.page).to_have_url(re.compile("/notes/"))
        assert server.practice.query("SELECT count(*) FROM notes_note")[0][0] == before + 1


class TestWithTheKeyboardAlone:
    def test_she_writes_reviews_and_signs(self, sit_down, desk):
        dana = sit_down()
        dana.begin_note(desk.notes_url, "Session", at=datetime.now(UTC) + timedelta(minutes=2))
        keyboard = dana.page.keyboard
        tab_to(dana.page, "What the client brought")
        keyboard.type("Only keys.")
        keyboard.press("Tab")
        keyboard.type("Nothing but keys.")
        for _ in range(2):
            keyboard.press("Tab")
        keyboard.press("Space")
        keyboard.press("Control+s")
        dana.sees_saved()
        keyboard.press("Control+Enter")
        expect(dana.page).to_have_url(re.compile("/review/$"))
        tab_to(dana.page, "Sign and lock")
        keyboard.press("Enter")
        dana.reads("Signed and locked.")
        for words in ("Only keys.", "Nothing but keys.", "No new concern today"):
            dana.reads(words)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what is called so."""
    wanted = page.get_by_label(name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).first
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"forty presses of Tab do not lead to {name}")


class TestWithoutScripts:
    @pytest.fixture
    def plain_dana(self, sit_down: Callable[..., Therapist], desk: Desk) -> Therapist:
        dana = sit_down(scripts=False)
        dana.begin_note(desk.notes_url, "Call", at=desk.next_moment())
        return dana

    def test_a_form_after_the_time_out_comes_back_and_goes_on(self, plain_dana, server, desk, provoked):
        provoked.add("status of 423")
        plain_dana.type(SECTION, "Typed before the time-out.")
        end_sessions(server)
        plain_dana.press("Review and sign")
        plain_dana.reads("it is all here")
        expect(plain_dana.page.locator("textarea")).to_have_value("Typed before the time-out.")
        plain_dana.type("Passphrase", desk.passphrase)
        plain_dana.press("Sign in and go on")
        expect(plain_dana.page).to_have_url(re.compile("/review/$"))
        plain_dana.reads("Typed before the time-out.")

    def test_nobody_else_sends_it(self, plain_dana, server, provoked):
        provoked |= {"status of 423", "status of 403"}
        plain_dana.type(SECTION, CANARY)
        end_sessions(server)
        plain_dana.press("Review and sign")
        plain_dana.page.context.clear_cookies(name=re.compile("session|unlock"))
        samuel = find_line(server.practice, "other_therapist")
        plain_dana.type("Passphrase", samuel["passphrase"])
        plain_dana.press("Sign in and go on")
        plain_dana.type("E-mail address", samuel["address"])
        plain_dana.type("Passphrase", samuel["passphrase"])
        plain_dana.type("Six-digit code", samuel["code"])
        plain_dana.press("Sign in and go on")
        plain_dana.reads("This page is not open to you")
        assert CANARY not in plain_dana.page.content()

    def test_a_full_disk_gives_the_text_back(self, plain_dana, server, provoked):
        provoked.add("status of 503")
        plain_dana.type(SECTION, "Typed on a full disk.")
        with full_disk(server):
            plain_dana.press("Review and sign")
            plain_dana.reads("Not saved yet")
            expect(plain_dana.page.locator("textarea")).to_have_value("Typed on a full disk.")
        plain_dana.press("Try again")
        expect(plain_dana.page).to_have_url(re.compile("/review/$"))
        plain_dana.reads("Typed on a full disk.")

    def test_a_client_reads_asks_and_signs(self, server, open_page):
        client = ClientOnPhone(open_page(phone=True, scripts=False))
        client.passphrase = client.sign_in(server.practice, "new_client")["passphrase"]
        client.agree_to_screen_forms()
        client.ask("May I bring my dog?")
        client.answer_wrongly()
        client.reads("Not quite.")
        client.answer_rightly()
        client.choose(TALK)
        client.go_on()
        while "check" not in client.page.url:
            client.answer_rightly()
        client.sign_limits("Mara Castellan")
        client.reads("You signed. Your copy is below.")


class TestWhenTheMachineFails:
    def test_a_full_disk_loses_nothing(self, dana, server, provoked):
        provoked.add("status of 503")
        with full_disk(server):
            dana.write(SECTION, "No room for this.")
            expect_trouble(dana, STILL_TRYING)
        dana.sees_saved()
        dana.page.reload()
        expect(text_of(dana)).to_have_value("No room for this.")

    def test_a_read_only_database_loses_nothing(self, dana, server, provoked):
        provoked |= {"status of 503", *UNREACHABLE}
        with read_only(server):
            dana.write(SECTION, "Nobody may write this.")
            expect_trouble(dana, STILL_TRYING)
            other = Therapist(dana.page.context.new_page())
            other.open("/today/")
            other.reads("We cannot open anything right now")
        dana.sees_saved()
        dana.page.reload()
        expect(text_of(dana)).to_have_value("Nobody may write this.")

    def test_without_its_log_the_record_stays_closed(self, dana, server, desk, provoked):
        provoked.add("status of 503")
        dana.write(SECTION, CANARY)
        dana.sees_saved()
        draft_url = dana.page.url
        with stopped_log(server.practice):
            for address in (desk.notes_url, draft_url, "/today/"):
                dana.open(address)
                dana.reads("Every look at a record is written down first.")
                for sealed in (CANARY, "Robin", "Marlowe"):
                    assert sealed not in dana.page.content()
        dana.open(draft_url)
        expect(text_of(dana)).to_have_value(CANARY)


class TestWhenSomebodyWroteTheDatabase:
    def test_a_body_that_was_moved_is_not_shown(self, dana, server, desk, provoked):
        provoked.add("status of 500")
        dana.write(SECTION, CANARY)
        dana.sees_saved()
        first = dana.page.url
        dana.begin_note(desk.notes_url, "Message", at=desk.next_moment())
        dana.write(SECTION, CANARY)
        dana.sees_saved()
        ids = [re.findall(r"[0-9a-f-]{36}", url)[0] for url in (first, dana.page.url)]
        swap(server.practice, "notes_draft", "sealed_body", [as_stored(server.practice, id_) for id_ in ids])
        for address in (first, dana.page.url):
            dana.open(address)
            dana.reads("A seal is broken")
            assert CANARY not in dana.page.content()
        swap(server.practice, "notes_draft", "sealed_body", [as_stored(server.practice, id_) for id_ in ids])

    def test_a_forged_grant_opens_nothing(self, dana, server, desk, provoked):
        provoked |= {"status of 500", "status of 403"}
        dana.write(SECTION, CANARY)
        dana.sees_saved()
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
        manager.follow("Put in another therapist’s care")
        identities = [identity_of(practice, key) for key in ("other_therapist", "auditor")]
        swap(practice, "keys_identity", "kem_public", identities)
        grants = practice.query("SELECT count(*) FROM keys_grant")
        manager.field("Therapist").select_option(label="Samuel Okafor")
        manager.press("Put in care")
        manager.reads("This key is not one we can vouch for")
        swap(practice, "keys_identity", "kem_public", identities)
        assert practice.query("SELECT count(*) FROM keys_grant") == grants


def identity_of(practice: DemoPractice, key: str) -> str:
    """Return the id of somebody's row of public keys, as SQL writes it."""
    holder = as_stored(practice, find_line(practice, key)["user"])
    [(id_,)] = practice.query(f"SELECT id FROM keys_identity WHERE holder = {holder}")  # noqa: S608 (ours)
    return as_stored(practice, str(id_))


def as_stored(practice: DemoPractice, id_: str) -> str:
    """Write an id as SQL finds it: SQLite keeps the digits without dashes."""
    return f"'{id_.replace('-', '')}'" if is_sqlite(practice) else f"'{id_}'"


def grants_of(practice: DemoPractice, key: str, *, kind: str) -> list[str]:
    """List the ids of somebody's grants on vaults of a kind, as SQL writes them."""
    holder = as_stored(practice, find_line(practice, key)["user"])
    source = "keys_grant g JOIN keys_vault v ON v.id = g.vault_id JOIN keys_identity i ON i.key_id = g.grantee"
    rows = practice.query(
        f"SELECT g.id FROM {source} WHERE v.kind = '{kind}' AND i.holder = {holder} ORDER BY g.id"  # noqa: S608 (ours)
    )
    return [str(id_) for (id_,) in rows]


def swap(practice: DemoPractice, table: str, column: str, ids: list[str]) -> None:
    """Exchange what two rows hold in one column of bytes."""
    held = [practice.query(f"SELECT {column} FROM {table} WHERE id = {id_}")[0][0] for id_ in ids]  # noqa: S608 (ours)
    for id_, value in zip(reversed(ids), held, strict=True):
        raw = f"X'{value.hex()}'" if is_sqlite(practice) else f"'\\x{value.hex()}'"
        practice.execute(f"UPDATE {table} SET {column} = {raw} WHERE id = {id_}")  # noqa: S608 (ours)
