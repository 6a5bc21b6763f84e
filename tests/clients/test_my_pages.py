"""A client's own pages."""

import pytest

from tests.access.pages.visitors import text_of


@pytest.fixture
def robin(cast, signed_in):
    return signed_in(cast.robin.person)


class TestMyPage:
    def test_greets_and_leads_on(self, robin):
        assert robin.get("/")["Location"] == "/my/"
        answer = robin.get("/my/")
        assert "Who opened your record" in text_of(answer)
        assert "<title>Your page</title>" in answer.content.decode()

    def test_is_not_for_the_staff(self, cast, signed_in):
        for person in (cast.dana, cast.manager, cast.auditor):
            assert signed_in(person).get("/my/").status_code == 403
