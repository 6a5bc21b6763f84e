"""Dana, signed in at a browser."""

import pytest
from django.test import Client as Browser

from tests.cast import Cast
from tests.conftest import SignIn


@pytest.fixture
def dana(cast: Cast, signed_in: SignIn) -> Browser:
    return signed_in(cast.dana)
