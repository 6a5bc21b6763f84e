"""A colleague leaves: nothing of theirs opens, is given or vouches any more, and no record is shut behind them."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.utils import timezone

from access.models import Invitation, KeySession, User
from access.roles import Role
from access.services.codes import next_code
from access.services.inviting import invite_staff
from access.services.leaving import NobodyToEnd, NoManagerAnyMore, OwnAccount
from access.services.signing_in import Proof, SignInRefused, sign_in
from access.states import State
from audit.actors import Nobody, Origin
from audit.acts import Act
from audit.models import Entry
from clients.models import Care, CareLetter, Client
from clients.services.covering import Absence, arrange_cover
from clients.services.covers import standing_covers
from clients.services.leaving import NobodyWouldBelieve, OnlyHolder, end_account
from keys.errors import KeyRefused, NoGrant
from keys.models import Certificate, Grant, Identity, Vault
from keys.services import Place, Trust, VaultKind, open_vault
from keys.services.certifying import Issuer, issue_certificate
from keys.services.identities import current_identity
from keys.statements import Kind
from notes.kinds import NoteKind
from practice.cast import Person, enrol_colleague, enrol_newcomer
from tests.access.pages.visitors import invite_ines, invite_tom, text_of
from tests.cast import Cast, sign_consent
from tests.clients.conftest import Record
from tests.notes.conftest import Desk


def end(cast: Cast, person: Person, by: Person | None = None) -> User:
    manager = (by or cast.manager).as_(Role.MANAGER)
    return end_account(by=manager, user_id=person.user.pk, at=timezone.now())


def come_in(person: Person, code: str):
    proof = Proof(person.address, person.passphrase, code)
    return sign_in(by=Nobody(Origin()), proof=proof, at=timezone.now())


def grants_of(person: Person) -> int:
    return Grant.objects.filter(grantee=person.keys.key_id).exclude(vault__kind=VaultKind.PROCESS).count()


def lonely_vaults() -> list[Vault]:
    """List the vaults that no key at all is wrapped for."""
    return list(Vault.objects.exclude(pk__in=Grant.objects.values("vault")))


class TestEndAccount:
    def test_takes_every_key_back_and_has_each_replaced(self, cast, both):
        end(cast, cast.dana)
        assert grants_of(cast.dana) == 0
        assert not Vault.objects.filter(subject=both.client.pk, rotate_since=None).exists()
        for kind in (VaultKind.CONTACT, VaultKind.SHARED, VaultKind.RECORD):
            with pytest.raises(NoGrant):
                open_vault(by=cast.dana.keys, place=Place(kind, both.client.pk))
            open_vault(by=cast.sam.keys, place=Place(kind, both.client.pk))

    def test_ends_care_and_tells_the_client(self, cast, both):
        before = CareLetter.objects.filter(client=both.client).count()
        end(cast, cast.dana)
        assert both.carers() == {cast.sam.user.pk}
        assert CareLetter.objects.filter(client=both.client).count() == before + 1
        assert (both.entries(Act.CARE_ENDED), both.entries(Act.STAFF_LEFT)) == (1, 1)

    def test_keeps_not_even_the_key_for_an_unfinished_note(self, cast, both):
        sign_consent(cast.robin)
        Desk(cast.dana, both.client).write()
        end(cast, cast.dana)
        assert grants_of(cast.dana) == 0

    def test_takes_what_was_left_from_a_care_that_ended(self, cast, both):
        Care.objects.filter(client=both.client, therapist=cast.dana.user).update(ended_at=timezone.now())
        end(cast, cast.dana)
        assert grants_of(cast.dana) == 0

    def test_keeps_the_name_and_forgets_the_address(self, cast, both):
        end(cast, cast.dana)
        user = User.objects.get(pk=cast.dana.user.pk)
        assert (user.display_name, user.state) == ("Dana Whitlock", State.ENDED)
        assert (bytes(user.sealed_email), user.password) == (b"", "")

    def test_lets_the_same_address_be_invited_again_with_other_keys(self, cast, both):
        end(cast, cast.dana)
        again = enrol_colleague(
            manager=cast.manager, name="Dana Whitlock", address=cast.dana.address, roles=(Role.THERAPIST,)
        )
        assert again.user.pk != cast.dana.user.pk
        assert grants_of(again) == 0

    def test_tells_them_by_mail(self, cast, both, settings, django_capture_on_commit_callbacks):
        settings.EMAIL_CONFIGURED = True
        with django_capture_on_commit_callbacks(execute=True):
            end(cast, cast.dana)
        assert [cast.dana.address] in [message.to for message in mail.outbox]

    def test_ends_the_covers_that_name_them(self, cast, record):
        tom = enrol_colleague(
            manager=cast.manager, name="Tom Becker", address="tom@alder.example", roles=(Role.THERAPIST,)
        )
        seen, now = frozenset([record.mark(tom)]), timezone.now()
        absence = Absence(now, now + timedelta(days=2))
        arrange_cover(by=record.dana, client=record.client, seen=seen, absence=absence, at=now)
        assert grants_of(tom) == 3
        end(cast, tom)
        assert grants_of(tom) == 0
        assert not standing_covers(at=timezone.now()).exists()

    def test_takes_a_managers_contacts(self, cast, ruth):
        assert grants_of(ruth) == 2
        contacts = Vault.objects.filter(kind=VaultKind.CONTACT, rotate_since=None)
        assert contacts.count() == 2
        end(cast, ruth)
        assert (grants_of(ruth), contacts.count()) == (0, 0)
        open_vault(by=cast.manager.keys, place=Place(VaultKind.CONTACT, cast.robin.client_id))

    def test_is_for_somebody_too_who_waits_to_be_confirmed(self, cast):
        tom = enrol_newcomer(
            manager=cast.manager, name="Tom Becker", address="tom@alder.example", roles=(Role.THERAPIST,)
        )
        assert end(cast, tom).pk == tom.user.pk
        assert User.objects.get(pk=tom.user.pk).state == State.ENDED


class TestTheKeysOfWhoLeft:
    def test_are_revoked_from_now_on(self, cast, both):
        trust, before = Trust(cast.manager.keys.root_id), timezone.now()
        end(cast, cast.dana)
        assert trust.is_revoked(cast.dana.keys.key_id, at=timezone.now())
        assert not trust.is_revoked(cast.dana.keys.key_id, at=before)

    def test_sign_no_certificate_that_anybody_believes(self, cast, ruth):
        """Ruth kept her keys, and writes the database."""
        tom = enrol_newcomer(manager=ruth, name="Tom Becker", address="tom@alder.example", roles=(Role.MANAGER,))
        end(cast, ruth)
        at = timezone.now() + timedelta(seconds=1)
        issuer, row = Issuer.person(ruth.keys), current_identity(tom.user.pk)
        issue_certificate(issuer, row, kind=Kind.STAFF, may_certify=True, subject=None, at=at)
        with pytest.raises(KeyRefused, match="issuer_revoked"):
            Trust(cast.manager.keys.root_id).vouch(tom.keys.key_id)

    def test_go_on_vouching_for_whom_they_certified_before(self, cast, ruth):
        tom = enrol_colleague(manager=ruth, name="Tom Becker", address="tom@alder.example", roles=(Role.THERAPIST,))
        end(cast, ruth)
        assert Trust(cast.manager.keys.root_id).vouch(tom.keys.key_id).holder == tom.user.pk

    def test_are_emptied_so_that_passphrase_and_code_open_nothing(self, cast, both):
        end(cast, cast.dana)
        row = Identity.objects.get(holder=cast.dana.user.pk)
        assert (bytes(row.sealed_bundle), bytes(row.sealed_recovery), row.recovery_serial) == (b"", b"", None)

    @pytest.mark.parametrize("recoverable", [True, False])
    def test_leave_process_notes_closed_and_no_vault_without_a_grant(self, cast, both, recoverable):
        sign_consent(cast.robin)
        Desk(cast.dana, both.client).begin(NoteKind.PROCESS, recoverable=recoverable)
        [vault] = Vault.objects.filter(kind=VaultKind.PROCESS)
        before = Grant.objects.filter(vault=vault).count()
        end(cast, cast.dana)
        assert lonely_vaults() == []
        assert Grant.objects.filter(vault=vault).count() == before == (2 if recoverable else 1)
        # Nobody could replace that key, so nobody is asked to.
        assert Vault.objects.get(pk=vault.pk).rotate_since is None


class TestIsRefused:
    def unchanged(self, cast, record, refusal, person, by=None, act=Act.ACCESS_REFUSED):
        before, denied = record.state(), record.entries(act, "denied")
        state = User.objects.filter(pk=person.user.pk).values()[0]
        with pytest.raises(refusal):
            end(cast, person, by)
        assert record.state() == before
        assert User.objects.filter(pk=person.user.pk).values()[0] == state
        assert record.entries(act, "denied") == denied + 1
        assert lonely_vaults() == []

    def test_while_they_alone_hold_a_record(self, cast, record):
        self.unchanged(cast, record, OnlyHolder, cast.dana)

    def test_while_the_colleague_in_care_waits_for_the_key(self, cast, waiting):
        self.unchanged(cast, waiting, OnlyHolder, cast.dana)

    def test_while_only_the_client_would_hold_what_is_shared(self, cast):
        self.unchanged(cast, Record(cast, Client.objects.get(pk=cast.noor.client_id)), OnlyHolder, cast.sam)

    def test_while_only_somebody_who_is_no_longer_in_care_would_hold_it(self, cast, both):
        Care.objects.filter(client=both.client, therapist=cast.sam.user).update(ended_at=timezone.now())
        self.unchanged(cast, both, OnlyHolder, cast.dana)

    def test_while_another_holds_it_for_some_days_alone(self, cast, both):
        Grant.objects.filter(grantee=cast.sam.keys.key_id).update(expires_at=timezone.now() + timedelta(days=2))
        self.unchanged(cast, both, OnlyHolder, cast.dana)

    def test_while_a_vault_without_a_care_is_theirs_alone(self, cast, both):
        """A row of care that is gone frees nobody: the vault itself is asked."""
        Care.objects.filter(client=both.client, therapist=cast.dana.user).update(ended_at=timezone.now())
        Grant.objects.filter(vault__kind=VaultKind.RECORD, grantee=cast.sam.keys.key_id).delete()
        self.unchanged(cast, both, OnlyHolder, cast.dana)

    def test_of_oneself(self, cast, record, ruth):
        self.unchanged(cast, record, OwnAccount, cast.manager)

    def test_of_a_client(self, cast, record):
        self.unchanged(cast, record, NobodyToEnd, cast.robin.person)

    def test_a_second_time(self, cast, both):
        end(cast, cast.dana)
        self.unchanged(cast, both, NobodyToEnd, cast.dana)

    def test_of_two_managers_who_end_each_other_to_the_second(self, cast, record, ruth):
        end(cast, cast.manager, by=ruth)
        self.unchanged(cast, record, NoManagerAnyMore, ruth, by=cast.manager)

    def test_to_somebody_who_lost_the_role_meanwhile(self, cast, record, ruth):
        ruth.user.roles_held.all().delete()
        self.unchanged(cast, record, NoManagerAnyMore, cast.auditor, by=ruth)

    def test_to_a_manager_whose_own_keys_nobody_confirmed(self, cast, both, ruth):
        Certificate.objects.filter(holder=ruth.user.pk).update(may_certify=False)
        self.unchanged(cast, both, NobodyWouldBelieve, cast.dana, by=ruth, act=Act.KEY_REFUSED)


class TestTheWayIn:
    def test_answers_like_an_unknown_address(self, cast, both):
        code = next_code(cast.dana.user).code
        end(cast, cast.dana)
        with pytest.raises(SignInRefused) as known:
            come_in(cast.dana, code)
        with pytest.raises(SignInRefused) as unknown:
            sign_in(
                by=Nobody(Origin()),
                proof=Proof("nobody@alder.example", cast.dana.passphrase, code),
                at=timezone.now(),
            )
        assert str(known.value) == str(unknown.value)
        newest = Entry.objects.filter(action=Act.SIGN_IN_FAILED).order_by("-id")[:2]
        assert {row.obj_id for row in newest} == {None}

    def test_is_shut_for_an_open_browser(self, cast, both, signed_in):
        dana = signed_in(cast.dana)
        assert dana.get("/today/").status_code == 200
        end(cast, cast.dana)
        assert dana.get("/today/")["Location"].startswith("/sign-in/")
        assert not KeySession.objects.filter(user=cast.dana.user).exists()

    def test_stays_shut_for_an_old_cookie_with_its_old_session(self, cast, both, signed_in):
        """As a sign-in may leave them that was under way at that moment, or a restore may bring them back."""
        dana = signed_in(cast.dana)
        rows = [*Session.objects.all(), *KeySession.objects.filter(user=cast.dana.user)]
        cookies = {name: morsel.value for name, morsel in dana.cookies.items()}
        end(cast, cast.dana)
        for row in rows:
            row.save(force_insert=True)
        for name, value in cookies.items():
            dana.cookies[name] = value
        assert dana.get("/today/")["Location"].startswith("/sign-in/")

    def test_gives_text_typed_in_a_second_window_back(self, cast, both, signed_in):
        sign_consent(cast.robin)
        draft, dana = Desk(cast.dana, both.client).write(), signed_in(cast.dana)
        end(cast, cast.dana)
        typed = {"revision": str(draft.revision), "brought": "Typed while it happened.", "safety": "none"}
        answer = dana.post(f"/drafts/{draft.pk}/", typed)
        assert answer.status_code == 423
        assert "Typed while it happened." in text_of(answer)
        answer = dana.post(f"/drafts/{draft.pk}/save/", typed, headers={"accept": "application/json"})
        assert answer.status_code == 423


class TestInvitations:
    def left(self) -> int:
        return Invitation.objects.unused().count()

    def test_that_they_made_are_withdrawn(self, cast, ruth):
        invite_staff(by=ruth.as_(Role.MANAGER), name="Tom", address="t@a.example", roles=(), at=timezone.now())
        end(cast, ruth)
        assert self.left() == 0
        assert Entry.objects.filter(action=Act.INVITATION_WITHDRAWN, outcome="ok").count() == 1

    def test_that_count_on_their_keys_are_withdrawn(self, cast, both):
        ines = Record(cast, invite_ines(cast)[0])
        end(cast, cast.dana)
        assert self.left() == 0
        assert ines.carers() == set()

    def test_of_others_stay(self, cast, both):
        invite_tom(cast)
        end(cast, cast.dana)
        assert self.left() == 1
