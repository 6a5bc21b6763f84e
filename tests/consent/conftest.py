"""A client at the pages of their own form."""

import pytest
from django.test import Client as Browser
from django.utils import timezone

from access.models import Practice
from access.roles import Role
from clients.services.contacts import Contact
from clients.services.enrolling import join_record
from clients.services.inviting import NewClient, invite_client
from tests.beginnings import beginning
from tests.cast import Cast, ClientPerson, sign_in
from tests.conftest import SignIn
from tests.consent.pages import Reader, agree
from tests.consent.talking import Room


@beginning
def robin(cast: Cast) -> Reader:
    browser = Browser()
    sign_in(browser, cast.robin.person)
    return Reader(cast.robin, browser)


@beginning
def reading(robin: Reader) -> Reader:
    agree(robin)
    return robin


@pytest.fixture
def second(cast: Cast) -> ClientPerson:
    """Robin's other record, in Samuel's care, which Dana knows nothing of and no manager sees."""
    Practice.objects.update(hidden_clients=True)
    new = NewClient(Contact(cast.robin.name, cast.robin.person.address), cast.sam.user.pk, hidden=True)
    client, letter = invite_client(by=cast.sam.as_(Role.THERAPIST), new=new, at=timezone.now())
    by = cast.robin.person.as_(Role.CLIENT)
    join_record(by=by, token=letter.token, code=letter.code, at=timezone.now())
    return ClientPerson(client.pk, cast.robin.name, letter, cast.robin.person)


@pytest.fixture
def here(cast: Cast, second: ClientPerson, signed_in: SignIn) -> Reader:
    """Robin at the first record, with Dana."""
    return Reader(cast.robin, signed_in(cast.robin.person))


@pytest.fixture
def there(second: ClientPerson, here: Reader) -> Reader:
    """The same browser at the other record, with Samuel."""
    return Reader(second, here.browser)


@pytest.fixture
def room(cast: Cast) -> Room:
    return Room(cast)
