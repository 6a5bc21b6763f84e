"""`manage.py recover`: new keys for Dana, who lost passphrase and recovery code, by two of the three sheets."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_otp.oath import totp

from access.models import KeySession, User
from access.models.devices import TotpDevice
from access.roles import Role
from access.services.codes import next_code
from access.services.key_sessions import open_session
from access.services.signing_in import Proof, SignInRefused, sign_in
from audit.actors import Nobody, Origin
from audit.acts import Act
from audit.models import Entry, EntrySubject
from clients.models import Client
from clients.services.finding import find_client
from keys.errors import NoGrant
from keys.models import Certificate, Identity, Vault
from keys.services import OpenVault, Place, VaultKind, make_vault, open_vault, take_standing
from practice.cast import Person, enrol_colleague
from practice.guides import Terminal
from practice.serve_lock import alone
from tests.cast import Cast

NEW = "seven quiet herons cross the ferry"


@pytest.fixture
def recover(cast: Cast, monkeypatch, capsys):
    """Recover somebody as a program, with these sheets, and return what it is told."""

    def run(*numbers: int, person: str = "dana@alder.example", passphrase: str = NEW) -> dict[str, Any]:
        codes = {str(number): cast.codes[number - 1] for number in numbers}
        given = json.dumps({"person": person, "passphrase": passphrase, "codes": codes})
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        call_command("recover", from_stdin=True)
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        return told

    return run


def come_in(person: Person, passphrase: str) -> Person:
    proof = Proof(person.address, passphrase, next_code(person.user).code)
    opened, _ = sign_in(by=Nobody(Origin()), proof=proof, at=timezone.now())
    return Person(opened.user, opened.keys, person.address, passphrase)


def contact_of(cast: Cast, person: Person) -> OpenVault:
    return open_vault(by=person.keys, place=Place(VaultKind.CONTACT, cast.robin.client_id))


def acts() -> list[str]:
    return list(Entry.objects.filter(action__startswith="recovery:").order_by("id").values_list("action", flat=True))


class TestRecover:
    def test_lets_her_in_with_the_new_passphrase_to_all_that_was_hers(self, cast: Cast, recover):
        told = recover(1, 3)
        assert (told["back"], told["gone"]) == (2, [])
        assert told["recovery_code"].count("-") == 8
        dana = come_in(cast.dana, NEW)
        contact_of(cast, dana)
        assert find_client(by=dana.as_(Role.THERAPIST), client_id=cast.robin.client_id).pk == cast.robin.client_id
        with pytest.raises(NoGrant):
            contact_of(cast, cast.dana)

    def test_ends_the_old_way_in(self, cast: Cast, recover):
        open_session(user=cast.dana.user, keys=cast.dana.keys, at=timezone.now())
        recover(2, 3)
        assert not KeySession.objects.filter(user=cast.dana.user).exists()
        with pytest.raises(SignInRefused):
            come_in(cast.dana, cast.dana.passphrase)
        assert TotpDevice.objects.filter(user=cast.dana.user, confirmed=True).count() == 1

    def test_is_in_the_log_of_each_client_it_reaches_and_begins_before(self, cast: Cast, recover):
        recover(1, 2)
        assert acts() == [Act.RECOVERY_BEGUN, Act.RECOVERY_DONE]
        robin = Client.objects.get(pk=cast.robin.client_id)
        entries = Entry.objects.filter(action__startswith="recovery:").values("id")
        about = EntrySubject.objects.filter(entry_id__in=entries)
        assert {bytes(handle) for handle in about.values_list("handle", flat=True)} == {bytes(robin.log_handle)}

    def test_says_what_stays_closed_for_good(self, cast: Cast, recover):
        process = Place(VaultKind.PROCESS, cast.robin.client_id, cast.dana.user.pk)
        make_vault(by=cast.dana.keys, place=process, recoverable=False, at=timezone.now())
        code = Client.objects.get(pk=cast.robin.client_id).code
        assert recover(1, 2)["gone"] == [f"the process vault of client {code}"]

    def test_lets_a_manager_certify_again(self, cast: Cast, recover):
        recover(1, 2, person="Priya Nair")
        priya = come_in(cast.manager, NEW)
        theo = enrol_colleague(manager=priya, name="Theo", address="theo@alder.example", roles=(Role.THERAPIST,))
        assert theo.user.state == "active"

    def test_leads_a_person_through_at_the_terminal(self, cast: Cast, monkeypatch, capsys):
        shown: list[str] = []
        answers = {
            "Whose keys": lambda: "Dana Whitlock",
            "The numbers": lambda: "2 3",
            "Code 2": lambda: cast.codes[1],
            "Code 3": lambda: cast.codes[2],
            "The six digits": lambda: f"{totp(TotpDevice.objects.get(user=cast.dana.user).seed()):06d}",
            "Type your personal": lambda: next(word for word in "".join(shown).split() if word.count("-") == 8),
            "\nPress Enter": lambda: "",
        }

        def answer(question: str) -> str:
            shown.append(capsys.readouterr().out)
            [say] = [say for start, say in answers.items() if question.startswith(start)]
            return say()

        monkeypatch.setattr("builtins.input", answer)
        monkeypatch.setattr(Terminal.__init__, "__defaults__", (answer, lambda _: NEW))
        call_command("recover")
        assert "2 vaults open again" in capsys.readouterr().out
        come_in(cast.dana, NEW)


class TestARecoveryThatDoesNotGoThrough:
    @pytest.fixture(autouse=True)
    def leaves_everything_as_it_was(self, cast: Cast):
        before = self.everything(cast)
        yield
        assert self.everything(cast) == before
        assert Act.RECOVERY_DONE not in acts()

    def everything(self, cast: Cast) -> tuple[object, ...]:
        dana = User.objects.get(pk=cast.dana.user.pk)
        return take_standing(), dana.password, Identity.objects.count(), Vault.objects.filter(rotate_since=None).count()

    @pytest.mark.parametrize(
        ("numbers", "changes", "says"),
        [
            ((1,), {}, "it takes 2, and 1 came"),
            ((1, 2), {"person": "Nobody Here"}, "Nobody on the staff"),
            ((1, 2), {"person": "nobody@alder.example"}, "Nobody on the staff"),
            ((1, 2), {"person": "robin@post.example"}, "Nobody on the staff"),
            ((1, 2), {"passphrase": "too short"}, "at least 14 characters"),
        ],
    )
    def test_says_why(self, recover, numbers, changes, says):
        with pytest.raises(CommandError, match=says):
            recover(*numbers, **changes)

    def test_asks_for_the_address_where_two_have_one_name(self, cast: Cast, recover):
        User.objects.filter(pk=cast.sam.user.pk).update(display_name="Dana Whitlock")
        with pytest.raises(CommandError, match="More than one"):
            recover(1, 2, person="Dana Whitlock")
        User.objects.filter(pk=cast.sam.user.pk).update(display_name="Samuel Okafor")

    def test_waits_until_nobody_serves(self, recover):
        with alone(), pytest.raises(CommandError, match="Stop `serve` first"):
            recover(1, 2)

    def test_keeps_nothing_that_was_not_typed_back(self, recover, monkeypatch):
        monkeypatch.setattr("practice.guides.Program.retype_recovery_code", lambda *_: "AAAA")
        with pytest.raises(CommandError, match=r"did not match 5 times\. Nothing was kept"):
            recover(1, 2)
        # It had begun: that the codes were typed stays on record.
        assert acts() == [Act.RECOVERY_BEGUN]

    def test_keeps_nothing_where_the_recovery_key_was_swapped(self, recover):
        Certificate.objects.filter(kind="recovery").delete()
        with pytest.raises(CommandError, match="The codes are right, but the recovery key"):
            recover(1, 2)
