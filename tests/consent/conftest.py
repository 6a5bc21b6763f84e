"""A client at the pages of their own form."""

import pytest

from tests.cast import Cast
from tests.conftest import SignIn
from tests.consent.pages import Reader, agree


@pytest.fixture
def robin(cast: Cast, signed_in: SignIn) -> Reader:
    return Reader(cast.robin, signed_in(cast.robin.person))


@pytest.fixture
def reading(robin: Reader) -> Reader:
    agree(robin)
    return robin
