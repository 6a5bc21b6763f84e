"""One question to axe-core: can everybody use this page?"""

from importlib.resources import files

from playwright.sync_api import Page

# WCAG 2.2 level AA, and what axe's makers call best practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What is in order on a page is not gathered: that would be most of the work.
RUN = """async tags => {
  const found = await axe.run({ runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
  return found.violations;
}"""


def find_barriers(page: Page) -> list[str]:
    """Return what axe finds, one line per rule: its name, how it helps to know it, and where it is broken.

    The library is evaluated by the debugger and not as a script of the page, so the content security policy stays on.
    """
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    violations = page.evaluate(RUN, TAGS)
    return [f"{found['id']}: {found['help']}: {_name_places(found['nodes'])}" for found in violations]


def runs_off_the_screen(page: Page) -> bool:
    """Say whether something is wider than the window (WCAG 1.4.10)."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def _name_places(nodes: list[dict[str, list[str]]]) -> str:
    return ", ".join(" ".join(map(str, node["target"])) for node in nodes)
