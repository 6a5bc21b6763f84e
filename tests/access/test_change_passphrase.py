"""Another passphrase: the same keys under another lock, and every other session gone."""

from datetime import timedelta
from typing import ClassVar

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client as Browser
from django.utils import timezone

from access.acting import Actor
from access.models import KeySession, User
from access.roles import Role
from access.services.passphrases import (
    Change,
    ChangedMeanwhile,
    PassphraseTooWeak,
    SamePassphrase,
    change_passphrase,
)
from access.services.signing_in import KeysRefused, PassphraseRefused, check_split, prove_passphrase
from access.services.throttling import PER_ADDRESS, Throttled
from audit.actors import Origin
from audit.acts import Act
from audit.models import Entry
from keys.errors import KeyRefused, WrongPassphrase
from keys.models import Identity
from keys.services import open_identity, read_verifier, reseal_identity, retire_identity, split
from tests.access.pages.visitors import text_of

NEW = "seven quiet herons over water"
OTHER = "six slow barges under bridges"


def acting(person):
    """Act as somebody of whom this request loaded its own row."""
    return Actor(User.objects.get(pk=person.user.pk), Role.THERAPIST, person.keys, None, Origin())


def change(person, *, old=None, new=NEW, by=None):
    asked = Change(old=old or person.passphrase, new=new)
    return change_passphrase(by=by or acting(person), change=asked, browser="", at=timezone.now())


def rows(person):
    """Return what a change writes, to see that a refusal leaves it alone."""
    identity = Identity.objects.get(holder=person.user.pk)
    return User.objects.get(pk=person.user.pk).password, identity.epoch, bytes(identity.sealed_bundle)


class TestChangePassphrase:
    def test_opens_the_same_keys_with_the_new_one_alone(self, cast):
        before = User.objects.get(pk=cast.dana.user.pk)
        old_kek = check_split(before, cast.dana.passphrase).kek
        change(cast.dana)
        after = User.objects.get(pk=cast.dana.user.pk)
        assert prove_passphrase(after, NEW, Origin(), timezone.now()).seeds == cast.dana.keys.seeds
        with pytest.raises(PassphraseRefused):
            prove_passphrase(after, cast.dana.passphrase, Origin(), timezone.now())
        with pytest.raises(WrongPassphrase):
            open_identity(holder=after.pk, kek=old_kek)

    def test_draws_a_new_salt_and_counts_the_epoch_up(self, cast):
        verifier, epoch, _ = rows(cast.dana)
        change(cast.dana)
        changed, later, _ = rows(cast.dana)
        assert later == epoch + 1
        assert changed.split("$")[4] != verifier.split("$")[4]

    def test_leaves_the_recovery_code_alone(self, cast):
        before = Identity.objects.get(holder=cast.dana.user.pk)
        change(cast.dana)
        after = Identity.objects.get(holder=cast.dana.user.pk)
        assert (after.recovery_serial, bytes(after.sealed_recovery)) == (
            before.recovery_serial,
            bytes(before.sealed_recovery),
        )

    def test_stands_in_the_log_and_is_mailed_in_a_fixed_text(self, cast, settings):
        settings.DEMO = True
        change(cast.dana)
        assert Entry.objects.latest("pk").action == Act.PASSPHRASE_CHANGED
        [sent] = mail.outbox
        assert sent.to == [cast.dana.address]
        assert "Dana" not in sent.body + sent.subject
        assert "Alder" not in sent.body + sent.subject

    @pytest.mark.parametrize(
        ("typed", "refusal"),
        [
            ({"old": "wrong horse battery staple"}, PassphraseRefused),
            ({"new": "too short"}, PassphraseTooWeak),
            ({"new": "danawhitlockalder"}, PassphraseTooWeak),
        ],
    )
    def test_leaves_everything_as_it_was_if_refused(self, cast, typed, refusal):
        before = rows(cast.dana)
        with pytest.raises(refusal):
            change(cast.dana, **typed)
        assert rows(cast.dana) == before
        assert not mail.outbox

    def test_refuses_the_passphrase_one_has(self, cast):
        with pytest.raises(SamePassphrase):
            change(cast.dana, new=cast.dana.passphrase)

    def test_is_throttled_before_anything_is_derived(self, cast, settings):
        by = acting(cast.dana)
        for _ in range(PER_ADDRESS.tries):
            with pytest.raises(PassphraseRefused):
                change(cast.dana, old="wrong horse battery staple", by=by)
        settings.KEYS_DERIVE = "tests.access.test_sign_in.argon2_is_reached"
        with pytest.raises(Throttled):
            change(cast.dana, by=by)

    def test_sent_twice_changes_once(self, cast):
        first, second = acting(cast.dana), acting(cast.dana)
        change(cast.dana, by=first)
        kept = rows(cast.dana)
        with pytest.raises(ChangedMeanwhile):
            change(cast.dana, new=OTHER, by=second)
        assert rows(cast.dana) == kept

    def test_that_lost_the_race_after_its_look_writes_nothing(self, cast, monkeypatch):
        """Both had opened the keys with the old passphrase before either wrote."""
        calls = []

        def prove_and_be_overtaken(*args):
            keys = prove_passphrase(*args)
            if not calls:
                calls.append("once")
                change(cast.dana)
            return keys

        monkeypatch.setattr("access.services.passphrases.prove_passphrase", prove_and_be_overtaken)
        with pytest.raises(ChangedMeanwhile):
            change(cast.dana, new=OTHER)
        user = User.objects.get(pk=cast.dana.user.pk)
        assert prove_passphrase(user, NEW, Origin(), timezone.now()).seeds == cast.dana.keys.seeds

    def test_refuses_a_lowered_cost_before_it_derives(self, cast, settings):
        user = User.objects.get(pk=cast.dana.user.pk)
        User.objects.filter(pk=user.pk).update(password=user.password.replace("$65536$", "$1024$"))
        settings.KEYS_DERIVE = "tests.access.test_sign_in.argon2_is_reached"
        with pytest.raises(KeysRefused):
            change(cast.dana)


class TestResealIdentity:
    def test_refuses_keys_that_were_retired_meanwhile(self, cast):
        retire_identity(holder=cast.dana.user.pk, at=timezone.now())
        with pytest.raises(KeyRefused):
            reseal_identity(cast.dana.keys, kek=bytes(32))

    def test_makes_the_bundle_of_before_none(self, cast):
        """Somebody who writes the database puts the old bundle back: neither passphrase opens it."""
        before = Identity.objects.get(holder=cast.dana.user.pk)
        user = User.objects.get(pk=cast.dana.user.pk)
        old = split(cast.dana.passphrase, read_verifier(user.password)[0]).kek
        change(cast.dana)
        Identity.objects.filter(pk=before.pk).update(sealed_bundle=before.sealed_bundle)
        with pytest.raises(WrongPassphrase):
            open_identity(holder=user.pk, kek=old)


class TestPage:
    TYPED: ClassVar = {"passphrase": NEW, "again": NEW}

    def test_ends_every_session_but_this_one(self, cast, signed_in):
        here, elsewhere = signed_in(cast.dana), signed_in(cast.dana)
        cookie = here.cookies[settings.UNLOCK_COOKIE_NAME].value
        answer = here.post(
            "/account/passphrase/", {"current_passphrase": cast.dana.passphrase, **self.TYPED}, follow=True
        )
        assert "Your passphrase is changed" in text_of(answer)
        assert elsewhere.get("/account/")["Location"].startswith("/sign-in/")
        assert here.cookies[settings.UNLOCK_COOKIE_NAME].value != cookie

    def test_locks_out_whoever_copied_both_cookies(self, cast, signed_in):
        here, thief = signed_in(cast.dana), Browser()
        thief.cookies.load({name: morsel.value for name, morsel in here.cookies.items()})
        assert thief.get("/account/").status_code == 200
        here.post("/account/passphrase/", {"current_passphrase": cast.dana.passphrase, **self.TYPED})
        assert thief.get("/account/").status_code == 302

    def test_does_not_make_a_session_younger(self, cast, signed_in):
        here, opened_at = signed_in(cast.dana), timezone.now() - timedelta(hours=11)
        KeySession.objects.filter(user=cast.dana.user).update(opened_at=opened_at)
        here.post("/account/passphrase/", {"current_passphrase": cast.dana.passphrase, **self.TYPED})
        assert KeySession.objects.get(user=cast.dana.user).opened_at == opened_at

    def test_serves_clients_too(self, cast, signed_in):
        robin = cast.robin.person
        answer = signed_in(robin).post("/account/passphrase/", {"current_passphrase": robin.passphrase, **self.TYPED})
        assert answer["Location"] == "/account/"

    def test_names_the_field_that_did_not_match_and_echoes_no_passphrase(self, cast, signed_in):
        wrong = "wrong horse battery staple"
        answer = signed_in(cast.dana).post("/account/passphrase/", {"current_passphrase": wrong, **self.TYPED})
        assert "That is not your passphrase" in text_of(answer)
        assert 'href="#id_current_passphrase"' in answer.content.decode()
        assert wrong not in answer.content.decode()
        assert NEW not in answer.content.decode()

    def test_draws_other_words_without_looking_at_what_was_typed(self, cast, signed_in):
        browser = signed_in(cast.dana)
        shown = browser.get("/account/passphrase/").context["proposal"]
        kept = browser.post("/account/passphrase/", {"shown": shown})
        assert kept.context["proposal"] == shown
        other = browser.post("/account/passphrase/", {"shown": shown, "another": "yes"})
        assert other.context["proposal"] != shown
        assert "There is a problem" not in text_of(other)
