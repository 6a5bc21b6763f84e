"""Where somebody gets stuck, a page says so in words of ours, and leads back."""

import pytest

from access.roles import Role
from practice.cast import Person
from tests.access.pages.visitors import text_of


class TestAnAddressThatOnlyTakesForms:
    @pytest.mark.parametrize("address", ["/sign-out/", "/sign-in/code/", "/account/sign-out-elsewhere/"])
    def test_says_so_and_leads_back(self, cast, signed_in, address):
        answer = signed_in(cast.manager).get(address)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert "Nothing to open here" in text_of(answer)
        assert '<a class="btn" href="/">Go to the first page</a>' in answer.content.decode()

    def test_keeps_a_clients_page_a_clients(self, cast, signed_in):
        page = signed_in(cast.robin.person).get("/sign-out/").content.decode()
        assert "Nothing to open here" in page
        assert "data-leave>" in page

    def test_answers_scripts_and_programs_briefly(self, cast, signed_in):
        browser = signed_in(cast.manager)
        assert browser.get("/sign-out/", headers={"accept": "application/json"}).content == b""
        assert browser.post("/healthz").content == b""


class TestAPageOfAnotherRole:
    def refusal(self, signed_in, person: Person, address: str) -> str:
        answer = signed_in(person).get(address)
        assert answer.status_code == 403
        return text_of(answer)

    def test_sends_no_manager_to_herself(self, cast, signed_in):
        words = self.refusal(signed_in, cast.manager, "/today/")
        assert "no setting opens that to a manager" in words
        assert "ask the person who manages" not in words

    def test_names_to_others_whom_to_ask(self, cast, signed_in):
        assert "ask the person who manages the practice’s accounts" in self.refusal(signed_in, cast.dana, "/people/")

    def test_speaks_to_a_manager_in_any_of_her_roles(self, cast, signed_in):
        cast.manager.user.roles_held.create(role=Role.THERAPIST)
        assert "no setting opens that to a manager" in self.refusal(signed_in, cast.manager, "/my/")


class TestWhatIsNotHereYet:
    def test_is_said_where_somebody_who_lost_something_looks(self, cast, client):
        page = client.get("/sign-in/")
        assert '<a href="/locked-out/">Forgot your passphrase, or lost your phone?</a>' in page.content.decode()

    def test_is_said_on_the_page_of_people(self, cast, signed_in):
        assert "Not here yet: changing somebody’s roles" in text_of(signed_in(cast.manager).get("/people/"))
