"""Cover that ends: by a press, with the care it was given in, or by the clock; the keys go back each time."""

import pytest
from django.utils import timezone

from audit.acts import Act
from clients.models.cover import Cover
from clients.services.caring import start_care, waits_for_key
from clients.services.covering import NoSuchCover, end_cover
from clients.services.covers import standing_covers
from clients.services.ending import NobodyElseHolds, end_care
from clients.services.expiring import expire_keys
from clients.services.finding import NoSuchClient
from clients.services.handing import hand_over
from clients.services.rotating import rotate_next
from clients.services.sharing import share_keys
from keys.models import Vault
from keys.services import VaultKind
from practice.backups.nightly import look_once
from tests.clients.cover.conftest import loans, open_it


class TestTheEnd:
    def end(self, record, by=None):
        [cover] = Cover.objects.all()
        return end_cover(by=by or record.dana, client=record.client, cover_id=cover.pk, at=timezone.now())

    def test_takes_the_keys_back_and_has_them_replaced(self, covered):
        self.end(covered)
        assert covered.kinds_of(covered.cast.sam) == set()
        assert Vault.objects.filter(subject=covered.client.pk, rotate_since=None).count() == 0
        assert covered.entries(Act.COVER_ENDED) == 1

    def test_closes_what_was_open(self, covered):
        open_it(covered)
        self.end(covered)
        with pytest.raises(NoSuchClient):
            open_it(covered)

    def test_is_not_the_colleagues(self, covered, refused_and_unchanged):
        refused_and_unchanged(NoSuchClient, lambda: self.end(covered, by=covered.sam))

    def test_is_not_there_twice(self, covered, refused_and_unchanged):
        self.end(covered)
        refused_and_unchanged(NoSuchCover, lambda: self.end(covered))

    def test_comes_with_the_end_of_the_care_it_was_given_in(self, cast, covered):
        hand_over(by=covered.dana, client=covered.client, seen=covered.mark(cast.sam), at=timezone.now())
        assert standing_covers(at=timezone.now()).count() == 0
        # What he was lent made way for what is his.
        assert set(loans(covered).values_list("expires_at", flat=True)) == {None}

    def test_takes_what_was_lent_with_the_care_it_was_given_in(self, cast, covered):
        cast.manager.user.roles_held.create(role="therapist")
        covered.add(cast.manager)
        seen = frozenset([covered.mark(cast.manager)])
        share_keys(by=covered.dana, client=covered.client, seen=seen, at=timezone.now())
        end_care(by=covered.dana, client=covered.client, therapist_id=cast.dana.user.pk, at=timezone.now())
        assert covered.kinds_of(cast.sam) == set()
        assert Cover.objects.filter(ended_at=None).count() == 0

    def test_leaves_nobody_who_could_pass_the_key_on(self, cast, covered):
        with pytest.raises(NobodyElseHolds):
            end_care(by=covered.dana, client=covered.client, therapist_id=cast.dana.user.pk, at=timezone.now())

    def test_comes_with_care_by_a_manager_who_gives_no_key_to_the_record(self, cast, covered):
        start_care(by=covered.manager, client=covered.client, therapist_id=cast.sam.user.pk, at=timezone.now())
        assert covered.kinds_of(cast.sam) == {VaultKind.CONTACT}
        assert waits_for_key(therapist=cast.sam.user, client=covered.client)


class TestExpiry:
    def test_opens_nothing_removes_the_keys_and_has_them_replaced(self, covered):
        now = timezone.now()
        loans(covered).update(expires_at=now)
        assert covered.kinds_of(covered.cast.sam) == set()
        assert expire_keys(at=now) == 3
        assert loans(covered).count() == 0
        assert Vault.objects.filter(subject=covered.client.pk, rotate_since=None).count() == 0
        assert covered.entries(Act.KEY_EXPIRED) == 1

    @pytest.mark.parametrize("clock", ["beside_the_server", "at_a_page"])
    def test_comes_with_whichever_clock_looks_first(self, covered, monkeypatch, tmp_path, clock):
        now = timezone.now()
        loans(covered).update(expires_at=now)
        if clock == "beside_the_server":
            monkeypatch.setattr("practice.backups.nightly.is_due", lambda **_: False)
            # It closes the connection after each look, and this test lives in its transaction.
            monkeypatch.setattr("practice.backups.nightly.connection.close", lambda: None)
            look_once(tmp_path, at=now)
        else:
            rotate_next(by=covered.dana, at=now)
        assert loans(covered).count() == 0

    def test_leaves_what_still_runs_and_says_nothing(self, covered):
        assert expire_keys(at=timezone.now()) == 0
        assert loans(covered).count() == 3
        assert covered.entries(Act.KEY_EXPIRED) == 0
