"""What the practice sees of a client, and who sees nothing at all."""

import re
from uuid import uuid4

import pytest
from django.utils import timezone

from access.models import Practice
from access.roles import Role
from audit.models import Entry
from clients.models import Care, Client
from clients.services.contacts import Contact
from clients.services.inviting import NewClient, invite_client
from keys.models import Certificate, Grant
from keys.services import Place, VaultKind, holds_key, key_id_of_holder
from tests.access.pages.visitors import invite_ines, text_of


@pytest.fixture
def hidden(cast):
    """A client whom Dana keeps from managers."""
    Practice.objects.update(hidden_clients=True)
    new = NewClient(Contact("Quiet Quinn", "quinn@post.example"), cast.dana.user.pk, hidden=True)
    return invite_client(by=cast.dana.as_(Role.THERAPIST), new=new, at=timezone.now())[0]


def labels(browser):
    return [row.label for row in browser.get("/clients/").context["listed"]]


def choices_on(answer):
    """Read whom a page offers as the therapist."""
    return re.findall(r"<option[^>]*>([^<]+)</option>", answer.content.decode())


class TestBrowseClients:
    def test_shows_a_therapist_their_own(self, cast, signed_in):
        assert labels(signed_in(cast.dana)) == ["Robin Marlowe"]

    def test_shows_a_manager_all_with_who_cares_for_them(self, cast, signed_in):
        answer = signed_in(cast.manager).get("/clients/")
        assert [(row.label, row.carers) for row in answer.context["listed"]] == [
            ("Noor Haddad", ["Samuel Okafor"]),
            ("Robin Marlowe", ["Dana Whitlock"]),
        ]

    def test_leaves_one_entry_with_everybody_who_was_shown(self, cast, signed_in):
        before = Entry.objects.filter(action="client:listed").count()
        signed_in(cast.manager).get("/clients/")
        assert Entry.objects.filter(action="client:listed").count() == before + 1

    def test_shows_the_code_where_the_key_is_missing(self, cast, signed_in):
        record = Client.objects.get(pk=cast.robin.client_id)
        Grant.objects.filter(vault__subject=record.pk, grantee=key_id_of_holder(cast.manager.user.pk)).delete()
        assert labels(signed_in(cast.manager)) == ["Noor Haddad", record.code]
        assert "Sealed. You do not have the key" in text_of(signed_in(cast.manager).get(f"/clients/{record.pk}/"))

    def test_is_not_for_auditors_and_clients(self, cast, signed_in):
        for person in (cast.auditor, cast.robin.person):
            assert signed_in(person).get("/clients/").status_code == 403


class TestReadClient:
    def test_shows_contact_and_care_team(self, cast, signed_in):
        words = text_of(signed_in(cast.manager).get(f"/clients/{cast.robin.client_id}/"))
        for shown in ("Robin Marlowe", "robin@post.example", "555 0100", "Dana Whitlock"):
            assert shown in words

    def test_leaves_an_entry_before_it_opens(self, cast, signed_in):
        signed_in(cast.manager).get(f"/clients/{cast.robin.client_id}/")
        assert Entry.objects.filter(action="client:read", obj_id=cast.robin.client_id, role="manager").exists()

    def test_is_the_same_page_for_not_in_care_and_not_existing(self, cast, signed_in):
        dana = signed_in(cast.dana)
        answers = [dana.get(f"/clients/{client_id}/") for client_id in (cast.noor.client_id, uuid4())]
        assert {answer.status_code for answer in answers} == {404}
        assert len({text_of(answer) for answer in answers}) == 1

    @pytest.mark.parametrize("path", ["", "invitation/", "identity/"])
    def test_takes_no_form_about_another_therapists_client(self, cast, signed_in, path):
        before = Entry.objects.filter(action="access:refused").count()
        answer = signed_in(cast.dana).post(f"/clients/{cast.noor.client_id}/{path}")
        assert answer.status_code == (404 if path else 405)
        assert Entry.objects.filter(action="access:refused").count() == before + bool(path)


class TestAHiddenClient:
    def test_is_known_to_the_care_team(self, cast, signed_in, hidden):
        dana = signed_in(cast.dana)
        assert labels(dana) == ["Quiet Quinn", "Robin Marlowe"]
        assert "Kept from managers" in text_of(dana.get(f"/clients/{hidden.pk}/"))

    def test_is_nowhere_for_a_manager(self, cast, signed_in, hidden):
        manager = signed_in(cast.manager)
        listed = manager.get("/clients/")
        assert "Quinn" not in listed.content.decode()
        assert hidden.code not in listed.content.decode()
        answers = [manager.get(f"/clients/{client_id}/") for client_id in (hidden.pk, uuid4())]
        assert {answer.status_code for answer in answers} == {404}
        assert len({text_of(answer) for answer in answers}) == 1
        for path in ("invitation/", "care/"):
            assert manager.post(f"/clients/{hidden.pk}/{path}").status_code == 404

    def test_gave_the_manager_no_key(self, cast, hidden):
        place = Place(VaultKind.CONTACT, hidden.pk)
        assert not holds_key(key_id=key_id_of_holder(cast.manager.user.pk), place=place)

    def test_can_be_made_only_where_the_setting_allows_it(self, cast, signed_in):
        dana = signed_in(cast.dana)
        typed = {"form": str(uuid4()), "name": "Ines", "address": "i@post.example", "hidden": "on"}
        page = dana.get("/clients/invite/").content.decode()
        assert "Keep this client from managers" not in page
        dana.post("/clients/invite/", {**typed, "therapist": str(cast.dana.user.pk)})
        assert not Client.objects.filter(hidden=True).exists()

    def test_is_not_a_managers_to_make(self, cast, signed_in, hidden):
        assert "Keep this client" not in signed_in(cast.manager).get("/clients/invite/").content.decode()


class TestWhoIsChosenBeforehand:
    """A client gets into nobody's care because of the alphabet."""

    def test_is_nobody_where_there_are_several(self, cast, signed_in):
        page = signed_in(cast.manager).get("/clients/invite/")
        assert choices_on(page) == ["Choose…", "Dana Whitlock", "Samuel Okafor"]
        assert " selected" not in page.content.decode().replace('<option value="" selected>', "")
        typed = {"form": str(uuid4()), "name": "Ines", "address": "i@post.example", "therapist": ""}
        assert "Please choose a therapist." in text_of(signed_in(cast.manager).post("/clients/invite/", typed))

    def test_is_the_only_one(self, cast, signed_in):
        assert choices_on(signed_in(cast.dana).get("/clients/invite/")) == ["Dana Whitlock"]

    def test_is_a_manager_who_is_a_therapist_too(self, cast, signed_in):
        cast.manager.user.roles_held.create(role=Role.THERAPIST)
        page = signed_in(cast.manager).get("/clients/invite/").content.decode()
        assert f'<option value="{cast.manager.user.pk}" selected>Priya Nair</option>' in page


class TestStartCare:
    def test_lets_the_therapist_see_the_contact_and_wait_for_the_rest(self, cast, signed_in):
        therapist = {"therapist": str(cast.sam.user.pk)}
        answer = signed_in(cast.manager).post(f"/clients/{cast.robin.client_id}/care/", therapist, follow=True)
        assert "Samuel Okafor Waiting for key" in text_of(answer)
        assert labels(signed_in(cast.sam)) == ["Noor Haddad", "Robin Marlowe"]

    def test_offers_whoever_does_not_have_the_client_yet(self, cast, signed_in):
        manager, path = signed_in(cast.manager), f"/clients/{cast.robin.client_id}/care/"
        assert choices_on(manager.get(path)) == ["Samuel Okafor"]
        manager.post(path, {"therapist": str(cast.sam.user.pk)})
        assert "Every therapist of the practice has this client in their care already." in text_of(manager.get(path))

    def test_sent_twice_adds_nobody_twice(self, cast, signed_in):
        therapist = {"therapist": str(cast.dana.user.pk)}
        answer = signed_in(cast.manager).post(f"/clients/{cast.robin.client_id}/care/", therapist)
        assert answer.status_code == 200
        assert Care.objects.filter(client=cast.robin.client_id).count() == 1

    def test_is_not_for_therapists(self, cast, signed_in):
        therapist = {"therapist": str(cast.dana.user.pk)}
        assert signed_in(cast.dana).post(f"/clients/{cast.robin.client_id}/care/", therapist).status_code == 403


class TestConfirmIdentity:
    def test_is_the_therapists_word(self, cast, signed_in):
        dana, path = signed_in(cast.dana), f"/clients/{cast.robin.client_id}/"
        assert "not confirmed yet" in text_of(dana.get(path))
        answer = dana.post(f"{path}identity/", follow=True)
        assert "Set up, and confirmed in person." in text_of(answer)
        assert Entry.objects.filter(action="client:identity_confirmed", obj_id=cast.robin.client_id).count() == 1

    def test_is_not_a_managers(self, cast, signed_in):
        path = f"/clients/{cast.robin.client_id}/"
        assert "The therapist confirms it in the first session." in text_of(signed_in(cast.manager).get(path))
        assert signed_in(cast.manager).post(f"{path}identity/").status_code == 403

    def test_needs_an_account(self, cast, signed_in):
        record, _ = invite_ines(cast)
        answer = signed_in(cast.dana).post(f"/clients/{record.pk}/identity/", follow=True)
        assert "has not set up their account yet" in text_of(answer)


class TestAKeyNobodyVouchesFor:
    def test_shuts_the_page_and_leaves_an_entry(self, cast, signed_in):
        holder = cast.robin.person.user.pk
        Certificate.objects.filter(holder=holder).update(signature=b"\0" * 64)
        answer = signed_in(cast.dana).get(f"/clients/{cast.robin.client_id}/")
        assert answer.status_code == 500
        assert "not one we can vouch for" in text_of(answer)
        assert "robin@post.example" not in answer.content.decode()
        entry = Entry.objects.filter(action="key:refused").latest("pk")
        assert entry.outcome == "denied"
        assert (entry.obj_type, entry.obj_id) == ("clients.read", cast.robin.client_id)
        assert '"fields":["certificate_signature"]' in bytes(entry.body).decode()
