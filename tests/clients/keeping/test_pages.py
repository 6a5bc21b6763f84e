"""The pages of keeping: what a manager sees, types and cannot reach."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from access.models import RoleHeld
from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from clients.models import Care, Client
from clients.models.retention import Destruction, Extension, Hold, Tombstone
from clients.services.tombstones import put_back_tombstones
from keys.models import Grant
from keys.services import Place, VaultKind, key_id_of_holder
from tests.cast import sign_consent
from tests.clients.keeping.ending import a_tombstone_of, hide
from tests.notes.conftest import CANARY, Desk
from tests.stored import require_bound_alike

LONG_AGO = timedelta(days=366 * 11)
LIST = "/clients/keeping/"


@pytest.fixture
def old(cast, ended):
    """Robin's record, eleven years after Dana's care."""
    Care.objects.filter(client=ended.client).update(
        started_at=timezone.now() - LONG_AGO - timedelta(days=1), ended_at=timezone.now() - LONG_AGO
    )
    return ended


@pytest.fixture
def page(old):
    return f"/clients/{old.client.pk}/keeping/"


@pytest.fixture
def manager(cast, signed_in):
    return signed_in(cast.manager)


def text_of(answer):
    return answer.content.decode()


def wait_thirty_days():
    past = timezone.now() - timedelta(days=31)
    Destruction.objects.update(decided_at=past, due_at=past + timedelta(days=30))


class TestTheList:
    def test_names_records_by_code_only(self, manager, old):
        words = text_of(manager.get(LIST))
        assert old.client.code in words
        assert "time is over: decide" in words
        assert "Robin" not in words
        assert Entry.objects.filter(action=Act.KEEPING_REVIEWED).count() == 1

    def test_does_not_name_hidden_ones_to_a_manager(self, cast, signed_in, manager, old):
        hide(old)
        assert old.client.code not in text_of(manager.get(LIST))
        assert old.client.code in text_of(signed_in(cast.dana).get(LIST))

    def test_is_empty_for_who_answers_for_nobody(self, cast, signed_in, old):
        words = text_of(signed_in(cast.sam).get(LIST))
        assert "Nothing to review" in words
        assert old.client.code not in words

    def test_carries_out_what_waits_no_longer(self, manager, old, page):
        manager.post(f"{page}destroy/", {"code": old.client.code})
        assert "Destroy now" not in text_of(manager.get(LIST))
        wait_thirty_days()
        assert "Destroy now" in text_of(manager.get(LIST))
        words = text_of(manager.post(f"{LIST}carry-out/", follow=True))
        assert "Destroyed: 1." in words
        assert not Client.objects.filter(pk=old.client.pk).exists()
        certificate = Tombstone.objects.get()
        assert f"{LIST}certificates/{certificate.pk}/" in words

    def test_of_a_manager_leaves_a_hidden_one_that_waits_no_longer(self, cast, signed_in, manager, old, page):
        hide(old)
        dana = signed_in(cast.dana)
        dana.post(f"{page}destroy/", {"code": old.client.code})
        wait_thirty_days()
        assert "Destroyed: 0." in text_of(manager.post(f"{LIST}carry-out/", follow=True))
        assert "Destroyed: 1." in text_of(dana.post(f"{LIST}carry-out/", follow=True))
        # The log alone still knows the handle, and keeps it from managers.
        log = manager.get("/log/", {"about": str(old.client.pk)})
        assert log.context["lines"] == []
        assert old.client.audit_handle not in {
            handle for line in manager.get("/log/").context["lines"] for handle in line.entry.subjects
        }


class TestTheReminder:
    WORDS = "The time of 1 record is over."

    def test_stands_on_a_managers_first_page_until_somebody_decides(self, manager, old, page):
        assert self.WORDS in text_of(manager.get("/people/"))
        manager.post(f"{page}hold/", {"form": str(uuid4()), "reason": "A claim"})
        assert self.WORDS not in text_of(manager.get("/people/"))

    def test_counts_for_a_therapist_who_is_a_manager_too(self, cast, signed_in, old):
        dana = signed_in(cast.dana)
        assert self.WORDS not in text_of(dana.get("/today/"))
        RoleHeld.objects.create(user=cast.dana.user, role=Role.MANAGER)
        assert self.WORDS in text_of(dana.get("/today/"))

    def test_says_nothing_of_a_hidden_record(self, manager, old):
        hide(old)
        assert self.WORDS not in text_of(manager.get("/people/"))


class TestOneRecord:
    def test_shows_whose_it_is_and_until_when(self, manager, old, page):
        words = text_of(manager.get(page))
        assert "Robin Marlowe" in words
        assert "Destroy it" in words

    def test_is_held_and_lifted(self, manager, old, page):
        form = manager.get(f"{page}hold/").context["form"]
        manager.post(f"{page}hold/", {"form": form["form"].value(), "reason": "Claim of 3 May"})
        words = text_of(manager.get(page))
        assert "Claim of 3 May" in words
        assert "Destroy it" not in words
        hold = Hold.objects.get()
        manager.post(f"{page}lift/", {"hold": hold.pk})
        assert "Destroy it" in text_of(manager.get(page))
        assert "lifted already" in text_of(manager.post(f"{page}lift/", {"hold": hold.pk}, follow=True))

    def test_is_held_by_the_therapist_in_care_who_decides_nothing_else(self, cast, signed_in):
        dana, page = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/keeping/"
        dana.post(f"{page}hold/", {"form": uuid4(), "reason": "Claim"})
        words = text_of(dana.get(page))
        assert Hold.objects.exists()
        assert "Claim" in words
        assert "Lift this hold" not in words
        for act in ("lift/", "undo/"):
            answer = dana.post(page + act, {"hold": Hold.objects.get().pk}, follow=True)
            assert "This is for a manager to decide" in text_of(answer)
        answer = dana.post(f"{page}longer/", {"form": uuid4(), "years": 40, "reason": "So"})
        assert "This is for a manager to decide" in text_of(answer)
        assert not Extension.objects.exists()

    @pytest.mark.parametrize(("years", "words"), [("2", "Kept until"), ("0", "Please give at least 1")])
    def test_is_kept_longer(self, manager, page, years, words):
        typed = {"form": uuid4(), "years": years, "reason": "An open bill"}
        answer = manager.post(f"{page}longer/", typed, follow=True)
        assert words in text_of(answer)
        assert Extension.objects.exists() == (years == "2")

    def test_is_kept_longer_for_a_reason_bound_to_the_day(self, manager, page, old):
        manager.post(f"{page}longer/", {"form": uuid4(), "years": 2, "reason": "An open bill"})
        assert require_bound_alike(Place(VaultKind.CONTACT, old.client.pk)) == 2

    def test_is_destroyed_by_its_code_alone(self, manager, old, page):
        answer = manager.post(f"{page}destroy/", {"code": "AAAAAA"})
        assert "This is not the code of this client" in text_of(answer)
        assert not Destruction.objects.exists()
        manager.post(f"{page}destroy/", {"code": f" {old.client.code.lower()} "})
        assert Destruction.objects.get().decided_by_id == old.cast.manager.user.pk
        assert manager.get(f"/clients/{old.client.pk}/").status_code == 404
        assert "It will be destroyed" in text_of(manager.get(page))

    def test_offers_no_destruction_before_its_time(self, manager, old, page):
        Care.objects.update(ended_at=timezone.now())
        assert manager.get(f"{page}destroy/").url == page
        answer = manager.post(f"{page}destroy/", {"code": old.client.code})
        assert answer.url == page
        assert not Destruction.objects.exists()

    def test_is_opened_again_by_whoever_answers_for_it(self, manager, old, page):
        manager.post(f"{page}destroy/", {"code": old.client.code})
        assert "Undone" in text_of(manager.post(f"{page}undo/", follow=True))
        assert "no decision to undo" in text_of(manager.post(f"{page}undo/", follow=True))
        assert manager.get(f"/clients/{old.client.pk}/").status_code == 200

    def test_does_not_show_a_reason_to_who_holds_no_key(self, cast, manager, old, page):
        old.hold(text="Claim of 3 May")
        Grant.objects.filter(grantee=key_id_of_holder(cast.manager.user.pk)).delete()
        words = text_of(manager.get(page))
        assert "Claim of 3 May" not in words
        assert "you hold no key to the reason" in words

    def test_says_that_a_restore_brought_it_back(self, manager, old, page):
        put_back_tombstones([a_tombstone_of(old)])
        assert "a restore brought it back" in text_of(manager.get(page))


class TestNothingClinical:
    def test_is_on_any_page_or_opened_for_it(self, cast, manager, old, page):
        desk = Desk(cast.dana, old.client)
        Care.objects.update(ended_at=None, keeps_record=False)
        sign_consent(cast.robin)
        desk.sign()
        Care.objects.update(ended_at=timezone.now() - LONG_AGO)
        before = Entry.objects.count()
        for address in (LIST, page, f"{page}hold/", f"{page}longer/", f"{page}destroy/"):
            assert CANARY not in text_of(manager.get(address, follow=True))
        acts = set(Entry.objects.order_by("pk")[before:].values_list("action", flat=True))
        assert acts <= {Act.KEEPING_REVIEWED, Act.CLIENT_READ}


class TestTheCertificate:
    @pytest.fixture
    def certificate(self, manager, old, page):
        manager.post(f"{page}destroy/", {"code": old.client.code})
        wait_thirty_days()
        manager.post(f"{LIST}carry-out/")
        return Tombstone.objects.get()

    def test_states_from_when_the_destruction_takes_effect(self, manager, certificate):
        words = text_of(manager.get(f"{LIST}certificates/{certificate.pk}/"))
        day = timezone.localtime(certificate.complete_at)
        assert f"not complete before {day.day} {day:%B %Y}" in words
        assert certificate.fingerprint in words
        assert "Robin" not in words

    def test_is_handed_out_as_text(self, manager, certificate):
        answer = manager.get(f"{LIST}certificates/{certificate.pk}/text/")
        assert answer["Content-Disposition"] == f'attachment; filename="destruction-{certificate.code}.txt"'
        assert "takes effect on" in text_of(answer)
        assert timezone.localtime(certificate.complete_at).isoformat() in text_of(answer)

    def test_is_nobodys_who_did_not_decide_and_manages_nothing(self, cast, signed_in, certificate):
        assert signed_in(cast.dana).get(f"{LIST}certificates/{certificate.pk}/").status_code == 404
