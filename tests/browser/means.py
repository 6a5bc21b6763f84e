"""People who come with less: no mouse, no scripts; and what else has to be true of each page that they see."""

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, Route, ViewportSize

from tests.browser.accessibility import runs_off_the_screen
from tests.browser.people import Person, See

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
_MOST_TABS = 90
_HAS_FOCUS = "element => element === document.activeElement"


class WithoutMouse(Person):
    """Goes to everything with Tab, and presses it with Enter or Space."""

    def press(self, name: str) -> None:
        self._leave_by(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        self._leave_by(self.page.get_by_role("link", name=name, exact=True))

    def type(self, label: str, words: str) -> None:
        self._go_to(self.field(label))
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(words)

    def choose(self, *words: str) -> None:
        for beginning in words:
            self._go_to(self.choice(beginning).locator("input"))
            self.page.keyboard.press("Space")

    def _leave_by(self, wanted: Locator) -> None:
        self._go_to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def _go_to(self, wanted: Locator) -> None:
        for _ in range(_MOST_TABS):
            if wanted.evaluate(_HAS_FOCUS):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{_MOST_TABS} presses of Tab do not lead to {wanted}")


@dataclass
class Onlooker:
    """Sees each page that somebody without scripts was sent once more as it is with scripts: on a desk and on a phone.

    :param desk: a browser of nobody's
    :param see: whom a page is shown to there
    """

    desk: Page
    see: See
    seen: set[str] = field(default_factory=set)

    def look(self, page: Page, name: str) -> None:
        """Show the page as it was sent: not by its address, under which many a page is shown once and never again."""
        if name in self.seen:
            return
        self.seen.add(name)
        sent = page.content()
        assert not runs_off_the_screen(page), f"{name} runs off the screen without scripts"
        self.desk.context.clear_cookies()
        self.desk.context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
        self._show(page.url, sent)
        self.see(self.desk, name)
        self.desk.set_viewport_size(PHONE)
        assert not runs_off_the_screen(self.desk), f"{name} runs off a phone’s screen"
        self.desk.set_viewport_size(DESKTOP)

    def _show(self, url: str, sent: str) -> None:
        def answer(route: Route) -> None:
            route.fulfill(body=sent, content_type="text/html; charset=utf-8")

        self.desk.route(url, answer, times=1)
        self.desk.goto(url)
        self.desk.wait_for_load_state()
