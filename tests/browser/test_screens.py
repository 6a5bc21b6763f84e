"""The pictures of the README and the docs: all there, and small enough to keep."""

import struct

import pytest

from tests.browser.screens import FOLDER, PAGES, SCHEMES, WIDTHS

pytestmark = pytest.mark.once

_MEGABYTE = 1_000_000


@pytest.mark.parametrize("name", PAGES)
def test_each_page_has_its_four_pictures(name):
    for width in WIDTHS:
        for scheme in SCHEMES:
            picture = (FOLDER / f"{name}-{width}-{scheme}.png").read_bytes()
            assert struct.unpack(">I", picture[16:20]) == (width,)


def test_there_is_no_picture_of_a_page_that_is_gone():
    assert {file.name.rsplit("-", 2)[0] for file in FOLDER.glob("*.png")} == set(PAGES)


def test_together_they_are_small():
    assert sum(file.stat().st_size for file in FOLDER.glob("*.png")) < 16 * _MEGABYTE
