"""Keys are replaced beside the pages of those who hold them; one page says how far it is."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from audit.acts import Act
from audit.models import Entry
from keys.models import Grant, Vault
from keys.services import Place, VaultKind, flag_rotation, turn_key
from practice.rotation import going_on

CONTACT = VaultKind.CONTACT


@pytest.fixture
def robins(cast):
    """Robin's contact vault, which waits for its next key."""
    place = Place(CONTACT, cast.robin.client_id)
    flag_rotation(places=[place], at=timezone.now())
    return place


def generation(place):
    return Vault.objects.get(subject=place.subject, kind=place.kind).current_generation


def get(browser, name="notes:today"):
    page = browser.get(reverse(name))
    assert page.status_code == 200
    return page.content.decode()


class TestAnyPage:
    def test_goes_on_with_what_waits(self, cast, signed_in, robins):
        browser = signed_in(cast.dana)
        get(browser)
        assert generation(robins) == 2
        get(browser)
        assert "Robin Marlowe" in get(browser, "clients:browse")

    def test_asks_once_in_a_session_where_nothing_waits(self, cast, signed_in):
        browser = signed_in(cast.dana)
        get(browser)
        flag_rotation(places=[Place(CONTACT, cast.robin.client_id)], at=timezone.now())
        get(browser)
        assert generation(Place(CONTACT, cast.robin.client_id)) == 1

    def test_asks_again_after_the_next_sign_in(self, cast, signed_in, robins):
        get(signed_in(cast.sam))
        assert generation(robins) == 1
        get(signed_in(cast.dana))
        assert generation(robins) == 2

    def test_stays_as_it_is_if_a_step_fails(self, cast, signed_in, robins, monkeypatch):
        def full(**_):
            raise OperationalError

        monkeypatch.setattr(going_on, "rotate_next", full)
        get(signed_in(cast.dana))

    def test_leaves_an_entry_if_a_key_is_refused(self, cast, signed_in, robins):
        Grant.objects.filter(vault__subject=robins.subject, grantee=cast.dana.keys.key_id).update(wrap=bytes(1168))
        get(signed_in(cast.dana))
        entry = Entry.objects.filter(action=Act.VAULT_ROTATED).latest("pk")
        assert entry.outcome == "denied"
        assert b"grant_forged" in bytes(entry.body)

    def test_names_who_made_the_key_that_somebody_meets(self, cast, signed_in, robins):
        turn_key(by=cast.manager.keys, place=robins, at=timezone.now())
        browser = signed_in(cast.dana)
        get(browser)
        words = "Priya Nair replaced the key of a record that you can open."
        assert words in get(browser)
        assert words not in get(browser)
        entry = Entry.objects.get(action=Act.KEY_ACCEPTED)
        assert b"generation_2" in bytes(entry.body)


class TestFollowRotation:
    def test_says_that_nothing_waits(self, cast, signed_in):
        page = get(signed_in(cast.manager), "practice:follow_rotation")
        assert "Nothing waits." in page
        assert "sealed texts use today’s method" in page

    def test_counts_what_waits_and_for_whom(self, cast, signed_in, robins):
        record = Place(VaultKind.SHARED, cast.robin.client_id)
        flag_rotation(places=[record], at=timezone.now() - timedelta(days=3))
        browser = signed_in(cast.sam)
        page = get(browser, "practice:follow_rotation")
        assert "<dd>2, the oldest since" in page
        assert "Nobody else can." in page

    def test_goes_on_at_a_press(self, cast, signed_in):
        robins = Place(CONTACT, cast.robin.client_id)
        browser = signed_in(cast.manager)
        get(browser, "access:browse_staff")
        flag_rotation(places=[robins], at=timezone.now())
        browser.post(reverse("practice:follow_rotation"))
        assert generation(robins) == 2
        page = get(browser, "practice:follow_rotation")
        assert "A part was done." in page
        assert "Nothing waits." in page

    def test_says_so_if_nothing_can_be_done_now(self, cast, signed_in):
        browser = signed_in(cast.manager)
        browser.post(reverse("practice:follow_rotation"))
        assert "There is nothing more that your keys can do now." in get(browser, "practice:follow_rotation")
