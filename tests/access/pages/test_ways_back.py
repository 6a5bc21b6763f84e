"""The pages of somebody who forgot, lost or was locked out: what they say and where they lead."""

import pytest
from django.test import Client as Browser
from django.utils import timezone

from access.models import User
from access.models.devices import BackupCodes, TotpDevice
from access.roles import Role
from access.services.lost_factors import remove_factor
from keys.models import Identity
from keys.services import draw_code, draw_recovery_code
from tests.access.pages.visitors import app_code, grow_stale, text_of

NEW = "seven quiet herons over water"


@pytest.fixture
def typed(cast):
    code = draw_recovery_code(cast.dana.keys)
    return {
        "address": cast.dana.address,
        "typed": code,
        "code": app_code(cast.dana.user),
        "passphrase": NEW,
        "again": NEW,
    }


def groups_of(answer):
    return "-".join(answer.context["groups"])


class TestLockedOut:
    def test_is_reached_from_sign_in(self, db, client, cast):
        assert 'href="/locked-out/"' in client.get("/sign-in/").content.decode()

    def test_says_what_cannot_wait_and_whom_to_call(self, client, cast):
        words = text_of(client.get("/locked-out/"))
        assert "911 is the emergency number" in words
        assert "988, day and night" in words

    def test_says_what_runs_out_and_how_to_object_without_signing_in(self, client, cast):
        words = text_of(client.get("/locked-out/"))
        assert "the key to finish it lasts 72 hours" in words
        assert "call a manager or your custodian" in words

    def test_says_what_each_way_restores_and_who_still_holds_what_is_lost(self, client, cast):
        words = text_of(client.get("/locked-out/"))
        assert "Everything comes back" in words
        assert "nobody can open what you alone held" in words
        assert "open to them as before" in words
        assert "still with your therapist" in words


class TestRecoverPage:
    def test_leads_to_a_new_code_that_is_typed_back(self, typed, cast):
        browser = Browser()
        shown = browser.post("/recover/", typed, follow=True)
        assert "you have no recovery code that works" in text_of(shown)
        assert browser.get("/today/").status_code == 403
        code = groups_of(browser.post("/account/recovery-code/new/"))
        assert code != typed["typed"]
        assert browser.get("/today/").status_code == 403
        browser.post("/account/recovery-code/", {"typed": code})
        assert browser.get("/today/").status_code == 200

    def test_waits_for_whoever_closed_the_browser(self, typed, cast):
        Browser().post("/recover/", typed)
        code = BackupCodes.print_for(cast.dana.user.pk)[0]
        browser = Browser()
        wanted = {"address": cast.dana.address, "passphrase": NEW, "code": code, "next": "/clients/"}
        answer = browser.post("/sign-in/", wanted, follow=True)
        assert answer.redirect_chain[-1][0] == "/account/recovery-code/new/"

    def test_names_a_slip_in_the_code_at_once(self, typed, cast):
        *code, last = typed["typed"]
        answer = Browser().post("/recover/", {**typed, "typed": "".join([*code, "B" if last == "A" else "A"])})
        assert "There is a slip in this code" in text_of(answer)
        assert 'href="#id_typed"' in answer.content.decode()
        assert User.objects.get(pk=cast.dana.user.pk).password == cast.dana.user.password

    @pytest.mark.parametrize("address", ["dana@alder.example", "nobody@alder.example", "robin@post.example"])
    def test_says_the_same_to_every_address(self, typed, cast, address):
        answer = Browser().post("/recover/", {**typed, "address": address, "typed": draw_code()})
        assert "That did not match. Please check the address, the recovery code" in text_of(answer)

    def test_shows_no_passphrase_again(self, typed, cast):
        answer = Browser().post("/recover/", {**typed, "code": "000000"})
        assert NEW not in answer.content.decode()

    def test_does_nothing_for_a_press_on_six_other_words(self, typed, cast):
        answer = Browser().post("/recover/", {**typed, "another": "yes"})
        assert "There is a problem" not in text_of(answer)
        assert User.objects.get(pk=cast.dana.user.pk).password == cast.dana.user.password

    def test_takes_no_form_from_another_site(self, typed, cast):
        assert Browser(enforce_csrf_checks=True).post("/recover/", typed).status_code == 403

    def test_leaves_the_cookies_of_before_locked(self, typed, cast, signed_in):
        before = signed_in(cast.dana)
        Browser().post("/recover/", typed)
        assert before.get("/account/")["Location"].startswith("/sign-in/")


class TestReminder:
    @pytest.fixture
    def due(self, cast, signed_in):
        User.objects.filter(pk=cast.dana.user.pk).update(recovery_ask_at=timezone.now())
        return signed_in(cast.dana)

    def test_is_a_line_and_no_wall(self, due):
        assert due.get("/clients/").status_code == 200
        assert "is the paper with your recovery code still there?" in text_of(due.get("/account/"))
        assert "is the paper with your recovery code still there?" in text_of(due.get("/today/"))

    def test_goes_once_the_code_was_typed(self, due, cast):
        due.post("/account/recovery-code/", {"typed": draw_recovery_code(cast.dana.keys)})
        assert "is the paper with your recovery code" not in text_of(due.get("/account/"))

    def test_does_not_trouble_clients(self, cast, signed_in):
        assert "recovery code" not in text_of(signed_in(cast.robin.person).get("/account/"))


class TestAnotherPhone:
    def test_is_set_up_with_a_code_of_each(self, cast, signed_in):
        browser = signed_in(cast.dana)
        assert browser.get("/account/second-factor/app/")["Location"] == "/account/second-factor/"
        browser.post("/account/second-factor/")
        new = TotpDevice.objects.get(user=cast.dana.user, confirmed=False)
        code = new.code_for(int(timezone.now().timestamp()) // 30)
        answer = browser.post("/account/second-factor/app/", {"current_code": app_code(cast.dana.user), "code": code})
        assert answer["Location"] == "/"
        assert browser.get("/account/").status_code == 200
        assert TotpDevice.objects.get(user=cast.dana.user) == new

    def test_names_the_field_that_is_wrong(self, cast, signed_in):
        browser = signed_in(cast.dana)
        browser.post("/account/second-factor/")
        answer = browser.post("/account/second-factor/app/", {"current_code": "000000", "code": "000000"})
        assert 'href="#id_current_code"' in answer.content.decode()

    def test_wants_the_passphrase_fresh(self, cast, signed_in):
        browser = signed_in(cast.dana)
        grow_stale(cast.dana)
        for address in ("/account/second-factor/", "/account/recovery-code/new/", "/account/backup-codes/"):
            assert browser.post(address).status_code == 423
        assert not TotpDevice.objects.filter(user=cast.dana.user, confirmed=False).exists()

    def test_says_nothing_about_the_practice_on_a_clients_phone(self, cast, signed_in):
        browser = signed_in(cast.robin.person)
        browser.post("/account/second-factor/")
        assert "Alder" not in browser.get("/account/second-factor/app/").context["address"]


class TestBackupCodesPage:
    def test_shows_eight_new_codes_once(self, cast, signed_in):
        browser = signed_in(cast.dana)
        assert "codes" not in browser.get("/account/backup-codes/").context
        assert len(browser.post("/account/backup-codes/").context["codes"]) == 8


class TestLostPhoneOfAColleague:
    def test_shows_the_manager_a_code_to_say(self, cast, signed_in):
        browser = signed_in(cast.manager)
        address = f"/people/{cast.dana.user.pk}/second-factor/remove/"
        assert address in browser.get("/people/").content.decode()
        assert "Be sure that it is Dana Whitlock" in text_of(browser.get(address))
        assert TotpDevice.objects.filter(user=cast.dana.user).exists()
        code = browser.post(address).context["code"]
        dana = Browser()
        typed = {"address": cast.dana.address, "passphrase": cast.dana.passphrase, "code": code}
        answer = dana.post("/sign-in/", typed, follow=True)
        assert "Your lost second factor was removed on" in text_of(answer)
        assert dana.get("/today/").status_code == 403

    def test_is_no_managers_own(self, cast, signed_in):
        answer = signed_in(cast.manager).post(f"/people/{cast.manager.user.pk}/second-factor/remove/", follow=True)
        assert "Nobody removes their own second factor here" in text_of(answer)

    def test_is_said_on_the_page_of_people_until_a_new_one_is_set_up(self, cast, signed_in):
        dana = User.objects.get(pk=cast.dana.user.pk)
        remove_factor(by=cast.manager.as_(Role.MANAGER), colleague=dana, at=timezone.now())
        assert "Second factor removed" in text_of(signed_in(cast.manager).get("/people/"))


class TestSomebodyKnowsMyPassphrase:
    def test_ends_in_new_keys_and_a_new_recovery_code_that_is_typed_back(self, cast, signed_in):
        browser, before = signed_in(cast.dana), Identity.objects.get(holder=cast.dana.user.pk)
        assert 'href="/account/new-keys/"' in browser.get("/account/").content.decode()
        typed = {"current_passphrase": cast.dana.passphrase, "passphrase": NEW, "again": NEW}
        code = groups_of(browser.post("/account/new-keys/", typed))
        assert Identity.objects.get(holder=cast.dana.user.pk, retired_at=None).key_id != before.key_id
        assert browser.get("/account/").status_code == 403
        assert browser.post("/account/recovery-code/", {"typed": code}).status_code == 302

    def test_changes_nothing_without_the_old_passphrase(self, cast, signed_in):
        typed = {"current_passphrase": "wrong horse battery staple", "passphrase": NEW, "again": NEW}
        answer = signed_in(cast.dana).post("/account/new-keys/", typed)
        assert "That is not your passphrase" in text_of(answer)
        assert Identity.objects.filter(holder=cast.dana.user.pk).count() == 1
