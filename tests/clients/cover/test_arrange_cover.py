"""Cover arranged ahead: keys for a time, from somebody who holds them, to who was shown; nobody comes into care."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from clients.models import CareLetter, Client
from clients.models.cover import Cover
from clients.services.covering import (
    MOST,
    Absence,
    NobodyToName,
    NoSuchAbsence,
    arrange_cover,
    cover_caseload,
    end_cover,
)
from clients.services.covers import covers_of, standing_covers
from clients.services.finding import NoSuchClient, care_team
from clients.services.readers import browse_readers
from clients.services.sharing import NoKeyToShare, RecipientChanged, share_keys
from clients.services.vaults import process_vault
from keys.errors import KeyRefused
from keys.models import Certificate, Grant
from keys.services import Place, VaultKind, holders_of, open_vault
from practice.cast import enrol_colleague
from tests.access.pages.visitors import text_of
from tests.clients.conftest import Record, make_record
from tests.clients.cover.conftest import arrange, away, loans, open_it

EVERYTHING = {VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD}


class TestArrangeCover:
    def test_lends_three_keys_until_the_end_and_nothing_of_process_notes(self, record):
        with transaction.atomic():
            process_vault(by=record.dana, client=record.client, recoverable=False, at=timezone.now())
        [cover] = arrange(record)
        assert record.kinds_of(record.cast.sam) == EVERYTHING
        assert set(loans(record).values_list("expires_at", flat=True)) == {cover.ends_at}
        assert loans(record).filter(vault__kind=VaultKind.PROCESS).count() == 0

    def test_puts_nobody_in_care(self, covered):
        assert care_team(covered.client) == [covered.cast.dana.user]

    def test_is_one_entry_and_one_letter(self, covered):
        assert covered.entries(Act.COVER_ARRANGED) == 1
        assert CareLetter.objects.filter(client=covered.client).count() == 1

    def test_stands_among_the_readers_as_what_it_is(self, covered):
        doors = browse_readers(by=covered.dana, client=covered.client, at=timezone.now())
        [sam] = [row for row in doors[-1].readers if row.name == "Samuel Okafor"]
        assert (sam.covers_for, sam.place) == ("Dana Whitlock", "")
        assert sam.until == Cover.objects.get().ends_at

    def test_leaves_a_managers_own_key_alone(self, cast, record):
        cast.manager.user.roles_held.create(role="therapist")
        seen = frozenset([record.mark(cast.manager)])
        arrange_cover(by=record.dana, client=record.client, seen=seen, absence=away(), at=timezone.now())
        place = Place(VaultKind.CONTACT, record.client.pk)
        [priya] = [row for row in holders_of(place) if row.holder == cast.manager.user.pk]
        assert priya.expires_at is None
        [cover] = covers_of(record.client, at=timezone.now())
        end_cover(by=record.dana, client=record.client, cover_id=cover.pk, at=timezone.now())
        assert record.kinds_of(cast.manager) == {VaultKind.CONTACT}

    def test_of_several_clients_has_an_outcome_for_each(self, cast, record):
        seen = frozenset([record.mark(cast.sam)])
        ids = [record.client.pk, cast.noor.client_id]
        outcomes = cover_caseload(by=record.dana, client_ids=ids, seen=seen, absence=away(), at=timezone.now())
        assert [outcome.done for outcome in outcomes] == [True, False]
        assert record.entries(Act.ACCESS_REFUSED, "denied") == 1

    def test_comes_again_once_it_is_over(self, covered):
        now = timezone.now()
        Cover.objects.update(starts_at=now - timedelta(days=2), ends_at=now)
        loans(covered).update(expires_at=now)
        arrange(covered)
        assert covered.kinds_of(covered.cast.sam) == EVERYTHING
        assert standing_covers(at=timezone.now()).count() == 1


class TestIsRefused:
    def test_to_somebody_without_care(self, record, refused_and_unchanged):
        refused_and_unchanged(NoSuchClient, lambda: arrange(record, by=record.sam))

    def test_to_a_manager(self, record, refused_and_unchanged):
        refused_and_unchanged(NoSuchClient, lambda: arrange(record, by=record.manager))

    def test_to_somebody_who_holds_no_key(self, record, refused_and_unchanged):
        Grant.objects.filter(vault__kind=VaultKind.RECORD, grantee=record.dana.keys.key_id).delete()
        refused_and_unchanged(NoKeyToShare, lambda: arrange(record))
        assert Cover.objects.count() == 0

    def test_to_somebody_whose_key_is_only_lent(self, covered, refused_and_unchanged):
        covered.add(covered.cast.sam)
        mine = Grant.objects.filter(vault__subject=covered.client.pk, grantee=covered.dana.keys.key_id)
        mine.update(expires_at=timezone.now() + timedelta(days=1))
        seen = frozenset([covered.mark(covered.cast.sam)])
        refused_and_unchanged(
            NoKeyToShare, lambda: share_keys(by=covered.dana, client=covered.client, seen=seen, at=timezone.now())
        )

    @pytest.mark.parametrize("days", [MOST.days + 1, 0])
    def test_for_days_that_are_too_many_or_over(self, record, refused_and_unchanged, days):
        refused_and_unchanged(NoSuchAbsence, lambda: arrange(record, days=days))

    def test_for_an_absence_that_ends_before_it_begins(self, record, refused_and_unchanged):
        now, seen = timezone.now(), frozenset([record.mark(record.cast.sam)])
        absence = Absence(now + timedelta(days=9), now + timedelta(days=8))
        refused_and_unchanged(
            NoSuchAbsence,
            lambda: arrange_cover(by=record.dana, client=record.client, seen=seen, absence=absence, at=now),
        )

    def test_to_who_was_not_shown(self, record, refused_and_unchanged):
        def name_nobody():
            return arrange_cover(
                by=record.dana, client=record.client, seen=frozenset(["0" * 64]), absence=away(), at=timezone.now()
            )

        refused_and_unchanged(RecipientChanged, name_nobody, act=Act.KEY_REFUSED)

    def test_to_keys_that_nobody_certified(self, cast, record):
        Certificate.objects.filter(holder=cast.sam.user.pk).update(signature=b"\0" * 64)
        with pytest.raises(KeyRefused):
            arrange(record)
        assert Cover.objects.count() == 0

    def test_for_who_covers_already(self, covered, refused_and_unchanged):
        refused_and_unchanged(NobodyToName, lambda: arrange(covered))

    def test_for_who_is_in_care(self, waiting, refused_and_unchanged):
        refused_and_unchanged(NobodyToName, lambda: arrange(waiting))

    def test_by_the_database_where_nobody_else_covers(self, record):
        now = timezone.now()
        with pytest.raises(IntegrityError, match="nobody_covers_for_oneself"), transaction.atomic():
            Cover.objects.create(
                client=record.client,
                given_by=record.cast.dana.user,
                colleague=record.cast.dana.user,
                starts_at=now,
                ends_at=now + timedelta(1),
                arranged_at=now,
            )


class TestPages:
    def test_name_who_covers_and_tick_nobody(self, cast, signed_in, record):
        page = signed_in(cast.dana).get(f"/clients/cover/?client={record.client.pk}")
        assert "Samuel Okafor" in text_of(page)
        assert page.content.decode().count(" checked>") == 1  # the client who was asked for

    def test_arrange_what_was_confirmed(self, cast, signed_in, record):
        today = timezone.localdate()
        sent = {"clients": [record.client.pk], "recipients": [record.mark(cast.sam)], "starts": today, "ends": today}
        answer = signed_in(cast.dana).post("/clients/cover/", sent)
        assert "Covered by Samuel Okafor, from" in text_of(answer)
        assert record.kinds_of(cast.sam) == EVERYTHING

    @pytest.mark.parametrize(("first", "last"), [(0, MOST.days), (-1, 3), (3, 2), (400, 401)])
    def test_refuse_days_in_words(self, cast, signed_in, record, first, last):
        today = timezone.localdate()
        sent = {"clients": [record.client.pk], "recipients": [record.mark(cast.sam)]}
        sent |= {"starts": today + timedelta(first), "ends": today + timedelta(last)}
        assert "Please choose" in text_of(signed_in(cast.dana).post("/clients/cover/", sent))
        assert Cover.objects.count() == 0

    def test_say_on_the_clients_page_who_covers_and_end_it(self, cast, signed_in, covered):
        dana, path = signed_in(cast.dana), f"/clients/{covered.client.pk}/"
        assert "Samuel Okafor covers for Dana Whitlock from" in text_of(dana.get(path))
        answer = dana.post(f"{path}cover/end/", {"cover": Cover.objects.get().pk}, follow=True)
        assert "Ended. The keys of Samuel Okafor were taken back." in text_of(answer)
        again = dana.post(f"{path}cover/end/", {"cover": Cover.objects.get().pk}, follow=True)
        assert "There is no such cover any more." in text_of(again)

    def test_tell_the_client_in_words(self, cast, signed_in, covered):
        readers = text_of(signed_in(cast.robin.person).get(f"/my/{covered.client.pk}/readers/"))
        assert "who covers for Dana Whitlock and opens it only with a reason, which you are told" in readers
        letters = text_of(signed_in(cast.robin.person).get(f"/my/{covered.client.pk}/letters/"))
        assert "If something cannot wait, Samuel Okafor may open your record" in letters

    def test_list_by_code_alone(self, cast, signed_in, covered):
        page = text_of(signed_in(cast.sam).get("/cover/"))
        assert covered.client.code in page
        assert "Robin" not in page

    def test_are_empty_for_who_covers_for_nobody(self, cast, signed_in, record):
        assert "You cover for nobody" in text_of(signed_in(cast.sam).get("/cover/"))


class TestHiddenClients:
    def test_are_covered_without_a_manager_knowing(self, cast, signed_in, covered):
        Client.objects.filter(pk=covered.client.pk).update(hidden=True)
        opening = open_it(covered)
        manager = signed_in(cast.manager)
        assert covered.client.code not in manager.get("/emergency-reasons/").content.decode()
        assert manager.post("/cover/reviewed/", {"opening": opening.pk}).status_code == 404


class TestARecordThatIsMadeLater:
    """The colleague was named before there was anything to write in."""

    @pytest.fixture
    def unwritten(self, cast):
        record = Record(cast, Client.objects.get(pk=cast.robin.client_id))
        [cover] = arrange(record)
        return record, cover

    def of_record(self, record):
        return loans(record).filter(vault__kind=VaultKind.RECORD)

    def test_is_lent_by_who_gave_the_cover_until_its_end(self, unwritten):
        record, cover = unwritten
        make_record(record.dana, record.client)
        assert set(self.of_record(record).values_list("expires_at", flat=True)) == {cover.ends_at}
        open_vault(by=record.sam.keys, place=Place(VaultKind.RECORD, record.client.pk))
        assert record.entries(Act.KEY_SHARED) == 1

    def test_goes_back_with_the_cover(self, unwritten):
        record, cover = unwritten
        make_record(record.dana, record.client)
        end_cover(by=record.dana, client=record.client, cover_id=cover.pk, at=timezone.now())
        assert not loans(record).exists()

    def test_is_not_lent_by_a_colleague_who_did_not_name_them(self, cast, unwritten):
        record, _ = unwritten
        tom = enrol_colleague(manager=cast.manager, name="Tom", address="tom@alder.example", roles=(Role.THERAPIST,))
        record.add(tom)
        make_record(tom.as_(Role.THERAPIST), record.client, frozenset([cast.dana.user.pk]))
        assert not self.of_record(record).exists()

    def test_is_made_all_the_same_where_nobody_vouches_for_them(self, cast, unwritten):
        record, _ = unwritten
        Certificate.objects.filter(holder=cast.sam.user.pk).delete()
        make_record(record.dana, record.client)
        assert not self.of_record(record).exists()
