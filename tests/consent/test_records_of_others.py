"""The client's own pages at the address of somebody else's record: not there, and the same as nobody's."""

import re
from uuid import uuid4

import pytest

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.models import Client
from practice.policy import POLICY, Record
from tests.addresses import address_of
from tests.cast import Cast
from tests.conftest import SignIn
from tests.consent.pages import Reader, text_of
from tests.consent.rows import kept_of

OWN_PAGES = [name for name, row in POLICY.items() if row.roles == (Role.CLIENT,) and row.record is Record.CLIENT]
TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value|csrf-token" content)="\w+"')
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What is asked for in a way that the page has not: nothing is looked up.
WRONG_WAY = {
    ("clients:my_letters", "post"),
    ("clients:my_readers", "post"),
    ("consent:ask", "get"),
    ("consent:check", "post"),
    ("consent:receipt", "post"),
    ("consent:signed_text", "post"),
    ("consent:download", "post"),
    ("clients:my_looks", "post"),
    ("measures:my_measures", "post"),
    ("measures:begin", "post"),
    ("measures:sent", "post"),
}


class TestARecordOfSomebodyElse:
    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.parametrize("name", OWN_PAGES)
    def test_is_not_there_and_the_refusal_is_in_the_log(
        self, robin_signed: Cast, signed_in: SignIn, name: str, method: str
    ):
        cast = robin_signed
        before, noor = kept_of(cast.robin), signed_in(cast.noor.person)
        address = address_of(name, client_id=cast.robin.client_id)
        answer = getattr(noor, method)(address)
        assert answer.status_code == 404 or (answer.status_code == 405 and (name, method) in WRONG_WAY)
        noors = Entry.objects.filter(action=Act.ACCESS_REFUSED, actor_id=f"u_{cast.noor.person.user.pk}")
        # What was asked for stands last: the record itself, or what hangs from it.
        asked = ID.findall(address)[-1:] if answer.status_code == 404 else []
        assert [str(refusal.obj_id) for refusal in noors] == asked
        assert kept_of(cast.robin) == before

    @pytest.mark.parametrize("name", OWN_PAGES)
    def test_is_the_same_page_as_one_that_is_nobodys_or_no_longer_theirs(
        self, here: Reader, there: Reader, cast: Cast, name: str
    ):
        Client.objects.filter(pk=there.client.client_id).update(user=None)
        method = "post" if name == "consent:ask" else "get"
        asked = (there.client.client_id, cast.noor.client_id, uuid4())
        answers = [getattr(here.browser, method)(address_of(name, client_id=client_id)) for client_id in asked]
        assert [answer.status_code for answer in answers] == [404] * 3
        assert len({TOKEN.sub("", text_of(answer)) for answer in answers}) == 1

    @pytest.mark.parametrize("name", OWN_PAGES)
    def test_opens_to_nobody_on_the_staff(self, cast: Cast, signed_in: SignIn, name: str):
        for person in (cast.dana, cast.manager, cast.auditor):
            assert signed_in(person).get(address_of(name, client_id=cast.robin.client_id)).status_code == 403
