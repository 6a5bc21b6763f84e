"""Takes a page four times: on a desk and on a phone, in daylight and in the dark."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.screens import FOLDER, PAGES, SCHEMES, WIDTHS

# As tall as the page, so that what sticks to the bottom of a window covers no text; of a long list its beginning.
_LEAST_HEIGHT, _MOST_HEIGHT = 800, 1400
_COLOURS = 128


def take(page: Page, name: str) -> None:
    """Take the four pictures of a page; pages that are not on the list have no need of any."""
    if name not in PAGES:
        return
    size = page.viewport_size
    # The words of a note are counted after a pause in the typing.
    page.wait_for_timeout(400)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": _LEAST_HEIGHT})
        height = min(page.evaluate("document.documentElement.scrollHeight"), _MOST_HEIGHT)
        page.set_viewport_size({"width": width, "height": height})
        # From the top, whichever part of itself the page led to.
        page.evaluate("scrollTo(0, 0)")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            _keep(page.screenshot(), FOLDER / f"{name}-{width}-{scheme}.png")
    page.emulate_media(color_scheme="light")
    if size:
        page.set_viewport_size(size)


def _keep(picture: bytes, file: Path) -> None:
    """Store a picture with as many colours as a page has, in a third of the bytes."""
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
