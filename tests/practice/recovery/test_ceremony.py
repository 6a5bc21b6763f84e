"""Dana lost passphrase and recovery code: link, new keys, six words, and two of three sheets typed by the partners."""

import logging
import re
from dataclasses import dataclass
from itertools import combinations

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from access.models import Invitation, KeySession, User
from access.roles import Role
from access.services.codes import next_code
from access.services.inviting import Letter
from access.services.signing_in import Proof, SignInRefused, sign_in
from audit.actors import Nobody, Origin
from audit.acts import Act
from audit.models import Entry
from audit.services import browse_log
from clients.models import Client
from clients.services.unseen import unseen_in_log
from keys.models import Grant, Identity, Successor, Vault
from keys.services import (
    Place,
    VaultKind,
    make_vault,
    open_vault,
    open_with_recovery_codes,
    print_recovery_codes,
    read_code,
    take_standing,
)
from practice.recovery.ceremony import RecoveryKeyRefused, lead_recovery, prepare
from tests.at_rest import dump, spellings
from tests.cast import Cast
from tests.conftest import SignIn
from tests.keys.house import House

NEW = "seven quiet herons cross the ferry"


def come_in(cast: Cast, passphrase: str):
    proof = Proof(cast.dana.address, passphrase, next_code(cast.dana.user).code)
    return sign_in(by=Nobody(Origin()), proof=proof, at=timezone.now())[0]


@dataclass
class Table:
    """The manager's browser at the ceremony, and Dana's own."""

    cast: Cast
    manager: Browser
    dana: Browser

    @property
    def address(self) -> str:
        return reverse("practice:recover", args=[self.cast.dana.user.pk])

    def invite(self) -> Letter:
        page = self.manager.post(reverse("practice:invite_back", args=[self.cast.dana.user.pk])).content.decode()
        [token] = re.findall(r"/welcome/([\w-]{43})/", page)
        [code] = re.findall(r'class="code-display">(\w{6})<', page)
        return Letter(Invitation.objects.latest("made_at").pk, token, code, mailed=False)

    def make_keys(self, letter: Letter, passphrase: str = NEW) -> str:
        """Choose a passphrase and return the page that shows the recovery code."""
        typed = {"code": letter.code, "passphrase": passphrase, "again": passphrase}
        return self.dana.post(reverse("access:make_keys", args=[letter.token]), typed).content.decode()

    def prove(self, letter: Letter, page: str) -> str:
        code = "-".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))
        return self.dana.post(reverse("access:prove_keys", args=[letter.token]), {"typed": code}).content.decode()

    def type_codes(self, *numbers: int, **changes: str):
        [seen] = re.findall(r'name="fingerprint" value="([0-9a-f]+)"', self.manager.get(self.address).content.decode())
        codes = {f"typed_{number}": self.cast.codes[number - 1] for number in numbers}
        return self.manager.post(self.address, {"fingerprint": seen, **codes, **changes})


def shown_as(code: str) -> str:
    return "".join(f"<span>{group}</span>" for group in code.split("-"))


def words_of(page: str) -> list[str]:
    return re.findall(r"<span>([a-z-]+)</span>", page)


@pytest.fixture
def table(cast: Cast, signed_in: SignIn) -> Table:
    return Table(cast, signed_in(cast.manager), Browser())


@pytest.fixture
def ready(table: Table) -> Table:
    """Up to the moment at which the partners type."""
    letter = table.invite()
    table.prove(letter, table.make_keys(letter))
    return table


class TestTheWayBack:
    def test_leads_from_the_link_to_open_vaults(self, cast: Cast, table: Table):
        letter = table.invite()
        opened = table.dana.post(reverse("access:open_invitation", args=[letter.token]), {"code": letter.code})
        assert reverse("access:make_keys", args=[letter.token]) in opened.content.decode()
        shown = table.prove(letter, table.make_keys(letter))
        ceremony = table.manager.get(table.address).content.decode()
        assert len(words_of(shown)) == 6
        assert words_of(ceremony) == words_of(shown)
        done = table.type_codes(1, 3)
        assert done.status_code == 302, done.content.decode()
        opened = come_in(cast, NEW)
        open_vault(by=opened.keys, place=Place(VaultKind.SHARED, cast.robin.client_id))
        assert not Successor.objects.exists()
        acts = Entry.objects.filter(action__startswith="recovery:").order_by("id").values_list("action", flat=True)
        assert list(acts) == [Act.RECOVERY_INVITED, Act.RECOVERY_BEGUN, Act.RECOVERY_DONE]

    def test_leaves_the_old_keys_alone_until_the_end(self, cast: Cast, ready: Table):
        opened = come_in(cast, cast.dana.passphrase)
        ready.type_codes(1, 2)
        assert not KeySession.objects.filter(pk=opened.id).exists()
        with pytest.raises(SignInRefused):
            come_in(cast, cast.dana.passphrase)

    def test_opens_nothing_before_the_end(self, cast: Cast, ready: Table):
        with pytest.raises(SignInRefused):
            come_in(cast, NEW)

    def test_works_once(self, ready: Table):
        ready.type_codes(1, 2)
        assert "First, they make new keys" in ready.manager.get(ready.address).content.decode()

    def test_starts_over_with_a_new_link(self, ready: Table):
        ready.invite()
        assert not Successor.objects.exists()
        assert "Waiting for Dana" in ready.manager.get(ready.address).content.decode()

    def test_ends_when_the_invitation_is_withdrawn(self, ready: Table):
        ready.manager.post(reverse("access:withdraw_invitation", args=[ready.cast.dana.user.pk]))
        assert not Successor.objects.exists()
        assert User.objects.filter(pk=ready.cast.dana.user.pk, state="active").exists()

    @pytest.mark.parametrize("passphrase", ["short", "danawhitlockdana"])
    def test_refuses_a_weak_passphrase(self, table: Table, passphrase):
        page = table.make_keys(table.invite(), passphrase)
        assert 'id="id_passphrase_error"' in page, page
        assert not Successor.objects.exists()

    def test_refuses_a_recovery_code_that_is_not_on_paper(self, table: Table):
        letter = table.invite()
        table.make_keys(letter)
        page = table.prove(letter, shown_as(table.cast.codes[0]))
        assert "That is not the code that was shown last" in page
        assert Successor.objects.get().proven_at is None
        assert "Compare six words" not in table.manager.get(table.address).content.decode()

    def test_refuses_a_wrong_short_code_and_a_dead_link(self, table: Table):
        letter = table.invite()
        assert "That is not the code for this link" in table.make_keys(
            Letter(letter.invitation, letter.token, "AAAAAA", mailed=False)
        )
        table.invite()
        assert "no longer works" in table.make_keys(letter)
        assert "no longer works" in table.prove(letter, shown_as(table.cast.codes[0]))


class TestTheSheets:
    @pytest.mark.parametrize("numbers", list(combinations((1, 2, 3), 2)))
    def test_any_two_of_them_do(self, ready: Table, numbers):
        assert ready.type_codes(*numbers).status_code == 302

    @pytest.mark.parametrize(
        ("numbers", "changes", "says"),
        [
            ((1,), {}, "it takes 2, and 1 came"),
            ((1, 2, 3), {}, "it takes 2, and 3 came"),
            ((1,), {"typed_3": "ABCD-EFGH"}, "Code 3 is mistyped"),
            ((1, 2), {"fingerprint": "00" * 32}, "are not the ones they were"),
        ],
    )
    def test_are_refused_with_the_reason_and_change_nothing(self, ready: Table, numbers, changes, says):
        before = take_standing(), Successor.objects.get().key_id
        page = ready.type_codes(*numbers, **changes).content.decode()
        assert says in page
        assert not any(code in page or code.replace("-", "") in page for code in ready.cast.codes)
        assert "ABCD-EFGH" not in page
        assert (take_standing(), Successor.objects.get().key_id) == before
        assert not Entry.objects.filter(action=Act.RECOVERY_DONE).exists()
        assert Entry.objects.filter(action__in=[Act.RECOVERY_REFUSED, Act.KEY_REFUSED], outcome="denied").exists()

    def test_typed_twice_are_named(self, ready: Table):
        page = ready.type_codes(1, typed_2=ready.cast.codes[0]).content.decode()
        assert "same code was typed twice" in page

    def test_of_another_root_than_the_managers_own_are_refused(self, ready: Table):
        """Whoever writes the database may print sheets of their own, and put their root beside ours."""
        forger = House()
        forger.found()
        codes = print_recovery_codes(forger.founder, count=3, needed=2)
        page = ready.type_codes(typed_1=codes[0], typed_2=codes[1]).content.decode()
        assert "are not the ones they were" in page
        assert not Entry.objects.filter(action=Act.RECOVERY_BEGUN).exists()

    def test_and_the_seed_are_nowhere_afterwards(self, ready: Table, caplog):
        caplog.set_level(logging.DEBUG)
        seed = open_with_recovery_codes({1: ready.cast.codes[0], 2: ready.cast.codes[1]}).seed
        ready.type_codes(1, 2)
        said = caplog.text + "".join(str(message.body) for message in mail.outbox)
        rest = dump() + said.encode()
        typed = [*ready.cast.codes[:2], NEW]
        plain = [text.replace("-", "") for text in typed]
        for secret in (seed, *map(str.encode, typed + plain), *map(read_code, ready.cast.codes[:2])):
            assert not any(text in rest for text in spellings(secret))


class TestWhoMayLead:
    def test_no_therapist_and_nobody_for_themselves_or_a_client(self, cast: Cast, table: Table, signed_in: SignIn):
        assert signed_in(cast.sam).get(table.address).status_code == 403
        for user in (cast.manager.user, cast.robin.person.user):
            address = reverse("practice:recover", args=[user.pk])
            assert "no colleague here" in table.manager.get(address, follow=True).content.decode()
            table.manager.post(reverse("practice:invite_back", args=[user.pk]))
        assert not Invitation.objects.unused().exists()


class TestASwappedKey:
    def test_shows_other_words_and_is_refused(self, cast: Cast, ready: Table):
        """Between compare and typing, a writer of the database puts keys of his own into the row."""
        seen = prepare(by=cast.manager.as_(Role.MANAGER), user_id=cast.dana.user.pk, at=timezone.now()).fingerprint
        other = Identity.objects.get(holder=cast.sam.user.pk)
        Successor.objects.update(kem_public=bytes(other.kem_public), sig_public=bytes(other.sig_public))
        with pytest.raises(RecoveryKeyRefused):
            lead_recovery(
                by=cast.manager.as_(Role.MANAGER), user_id=cast.dana.user.pk,
                codes={1: cast.codes[0], 2: cast.codes[1]}, seen=seen, at=timezone.now(),
            )  # fmt: skip
        assert Successor.objects.exists()


class TestRestrictedClients:
    """Robin is Dana's only client, and kept from managers."""

    @pytest.fixture(autouse=True)
    def restricted(self, cast: Cast) -> None:
        Client.objects.filter(pk=cast.robin.client_id).update(hidden=True)

    def seen_in_log(self) -> list[str]:
        return [entry.action for entry in browse_log(unseen=unseen_in_log()).entries]

    def test_leave_the_ceremony_in_the_log_of_managers(self, ready: Table):
        ready.type_codes(1, 2)
        for act in (Act.RECOVERY_BEGUN, Act.RECOVERY_DONE):
            assert self.seen_in_log().count(act) == 1
            # One more stands in the log that the client reads.
            assert Entry.objects.filter(action=act).count() == 2

    def test_are_in_no_count_or_name_of_the_pages(self, cast: Cast, ready: Table):
        process = Place(VaultKind.PROCESS, cast.robin.client_id, cast.dana.user.pk)
        make_vault(by=cast.dana.keys, place=process, recoverable=False, at=timezone.now())
        page = ready.manager.get(ready.address).content.decode()
        assert "<p>0 vaults will open again.</p>" in page
        assert "stay closed for good" not in page
        ready.type_codes(1, 2)
        assert "Done: 0 vaults open again" in ready.manager.get(reverse("access:browse_staff")).content.decode()
        open_vault(by=come_in(cast, NEW).keys, place=Place(VaultKind.SHARED, cast.robin.client_id))

    def test_leave_it_there_that_a_row_alone_made_a_reader(self, cast: Cast, ready: Table):
        Client.objects.update(hidden=True)
        theirs = Vault.objects.get(kind=VaultKind.CONTACT, subject=cast.noor.client_id)
        who = {"grantee": cast.dana.keys.key_id, "granted_by": cast.sam.keys.key_id, "granted_at": timezone.now()}
        Grant.objects.create(vault=theirs, generation=1, wrap=b"no wrap at all", **who)
        ready.type_codes(1, 2)
        assert self.seen_in_log().count(Act.KEY_REFUSED) == 1
