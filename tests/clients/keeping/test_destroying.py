"""Destroying a record: thirty days, holds that win, what goes, and what the database lets go."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from access.models import Invitation, KeySession, User
from access.roles import Role
from audit.acts import Act
from audit.models import Entry, EntrySubject
from clients.models import Care, Client
from clients.retention import Destruction, Hold, Tombstone
from clients.services import destroying
from clients.services.answering import NotYoursToDecide
from clients.services.destroying import NotDue, NothingToUndo, carry_out_due, undo_destruction
from clients.services.finding import NoSuchClient, find_client
from clients.services.holding import lift_hold
from clients.services.tombstones import came_back, dump_tombstones, put_back_tombstones, read_certificate
from keys.columns import REGISTER
from keys.hanging import hanging_from
from keys.models import Certificate, Generation, Grant, Identity, InvitationKey, Vault
from keys.services import BACKUPS_KEEP_KEYS
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.finding import drafts_of
from tests.audit.sql import run
from tests.cast import sign_consent
from tests.clients.keeping.ending import A_DAY, Ended, end_care, hide
from tests.notes.conftest import Desk

DAYS_29, DAYS_31 = timedelta(days=29), timedelta(days=31)


@pytest.fixture
def full(cast, unsigned_desk) -> Ended:
    """Robin's record with one of everything: consent, emergency reason, notes of both kinds, a draft, a hold lifted."""
    unsigned_desk.give_emergency_reason(at=now())
    sign_consent(cast.robin)
    unsigned_desk.sign(NoteKind.SESSION)
    unsigned_desk.sign(NoteKind.PROCESS)
    unsigned_desk.write(NoteKind.CALL)
    ended = end_care(cast, cast.dana, unsigned_desk.client)
    hold = ended.hold()
    lift_hold(by=ended.manager, client=ended.client, hold_id=hold.pk, at=ended.due_at)
    return ended


@pytest.fixture
def unsigned_desk(cast) -> Desk:
    return Desk(cast.dana, find_client(by=cast.dana.as_(Role.THERAPIST), client_id=cast.robin.client_id))


def now():
    from django.utils import timezone

    return timezone.now()


def rows_about(client) -> int:
    """Count every row that leads to a client, the vaults too."""
    models = hanging_from(Client)
    return sum(model._default_manager.filter(**{path: client}).count() for model, path in models) + sum(
        model.objects.filter(subject=client.pk).count() for model in (Vault, Certificate, InvitationKey, Invitation)
    )


class TestDecide:
    def test_waits_thirty_days(self, ended):
        decision = ended.decide()
        assert decision.due_at - decision.decided_at == timedelta(days=30)
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_29) == []
        assert not ended.is_gone()
        assert len(carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31)) == 1
        assert ended.is_gone()

    @pytest.mark.parametrize("reason", ["early", "care", "hold", "twice"])
    def test_is_refused(self, cast, ended, reason):
        at = ended.due_at - A_DAY if reason == "early" else ended.due_at
        if reason == "care":
            Care.objects.create(client=ended.client, therapist=cast.sam.user, started_at=at)
        if reason == "hold":
            ended.hold()
        if reason == "twice":
            ended.decide()
        before = Destruction.objects.count()
        with pytest.raises(NotDue):
            ended.decide(at=at)
        assert Destruction.objects.count() == before
        assert Entry.objects.filter(action=Act.ACCESS_REFUSED, outcome="denied").exists()

    def test_is_no_therapists(self, cast, ended):
        with pytest.raises(NotYoursToDecide):
            ended.decide(by=cast.dana.as_(Role.THERAPIST))
        assert not Destruction.objects.exists()

    def test_of_a_hidden_record_is_the_last_therapists_and_no_managers(self, cast, ended):
        hide(ended)
        with pytest.raises(NotYoursToDecide):
            ended.decide()
        assert ended.decide(by=cast.dana.as_(Role.THERAPIST)).pk

    def test_closes_the_drafts_that_an_author_could_still_finish(self, cast, full):
        Draft.objects.update(saved_at=full.ended_at)
        dana = cast.dana.as_(Role.THERAPIST)
        assert drafts_of(dana).exists()
        full.decide()
        assert not drafts_of(dana).exists()


class TestUndo:
    @pytest.mark.parametrize("after", [DAYS_29, DAYS_31])
    def test_opens_the_record_again_until_it_was_carried_out(self, ended, after):
        ended.decide()
        undo_destruction(by=ended.manager, client=ended.client, at=ended.due_at + after)
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31) == []
        assert find_client(by=ended.manager, client_id=ended.client.pk)

    def test_comes_too_late_once_it_was(self, ended):
        ended.destroy()
        with pytest.raises(NoSuchClient):
            undo_destruction(by=ended.manager, client=ended.client, at=ended.due_at + DAYS_31)

    def test_needs_a_decision(self, ended):
        with pytest.raises(NothingToUndo):
            undo_destruction(by=ended.manager, client=ended.client, at=ended.due_at)


class TestHoldWins:
    def test_over_a_decision_which_it_ends(self, ended):
        ended.decide()
        hold = ended.hold(at=ended.due_at + DAYS_29)
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31) == []
        lift_hold(by=ended.manager, client=ended.client, hold_id=hold.pk, at=ended.due_at + DAYS_31)
        assert carry_out_due(by=ended.manager, at=ended.due_at + 2 * DAYS_31) == []
        assert not ended.is_gone()

    def test_after_the_thirty_days_too(self, ended):
        ended.decide()
        ended.hold(at=ended.due_at + DAYS_31)
        assert carry_out_due(by=ended.manager, at=ended.due_at + 2 * DAYS_31) == []

    def test_even_beside_a_decision_that_somebody_wrote_back(self, ended):
        ended.decide()
        ended.hold()
        Destruction.objects.update(undone_by=None, undone_at=None)
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31) == []
        assert not ended.is_gone()

    def test_over_what_came_back_with_a_restore(self, ended):
        put_back_tombstones([a_tombstone_of(ended)])
        ended.hold()
        assert carry_out_due(by=ended.manager, at=ended.due_at) == []
        assert not ended.is_gone()

    @pytest.mark.parametrize("what", ["care", "longer", "setting"])
    def test_so_does_whatever_moved_the_date_meanwhile(self, cast, ended, what):
        from access.models import Practice

        ended.decide()
        if what == "care":
            Care.objects.create(client=ended.client, therapist=cast.sam.user, started_at=ended.due_at)
        if what == "setting":
            Practice.objects.update(keep_years=12)
        if what == "longer":
            from clients.retention import Extension

            Extension.objects.create(
                client=ended.client,
                sealed_reason=b"",
                until=ended.due_at + 2 * DAYS_31,
                decided_by=cast.manager.user,
                decided_at=ended.due_at,
            )
        assert carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31) == []
        assert not ended.is_gone()


class TestWhenTheyMeet:
    """A hold and a destruction at the same moment: each locks the client's row, and the later one looks again."""

    def test_a_hold_that_was_first_stops_the_destruction(self, ended, monkeypatch):
        decision = ended.decide()
        carry_out = destroying._carry_out

        def held_in_between(by, client_id, at):
            ended.hold(at=at)
            Destruction.objects.update(undone_by=None, undone_at=None)
            return carry_out(by, client_id, at)

        monkeypatch.setattr(destroying, "_carry_out", held_in_between)
        assert carry_out_due(by=ended.manager, at=decision.due_at) == []
        assert not ended.is_gone()

    def test_a_hold_that_was_second_finds_nobody_and_leaves_nothing(self, ended):
        ended.destroy()
        with pytest.raises(NoSuchClient):
            ended.hold()
        assert not Hold.objects.exists()

    def test_an_undoing_that_was_first_stops_the_destruction(self, ended, monkeypatch):
        decision = ended.decide()
        carry_out = destroying._carry_out

        def undone_in_between(by, client_id, at):
            undo_destruction(by=ended.manager, client=ended.client, at=at)
            return carry_out(by, client_id, at)

        monkeypatch.setattr(destroying, "_carry_out", undone_in_between)
        assert carry_out_due(by=ended.manager, at=decision.due_at) == []
        assert not ended.is_gone()

    def test_somebody_who_was_faster_leaves_nothing_to_do(self, ended, monkeypatch):
        decision = ended.decide()
        carry_out = destroying._carry_out

        def twice(by, client_id, at):
            return carry_out(by, client_id, at) and carry_out(by, client_id, at)

        monkeypatch.setattr(destroying, "_carry_out", twice)
        assert carry_out_due(by=ended.manager, at=decision.due_at) == []
        assert Tombstone.objects.count() == 1

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one transaction write at a time")
    @pytest.mark.parametrize("act", ["hold", "decide", "undo", "destroy"])
    def test_each_locks_the_row(self, ended, act):
        if act in ("undo", "destroy"):
            ended.decide()
        with CaptureQueriesContext(connection) as statements:
            match act:
                case "hold":
                    ended.hold()
                case "decide":
                    ended.decide()
                case "undo":
                    undo_destruction(by=ended.manager, client=ended.client, at=ended.due_at)
                case "destroy":
                    carry_out_due(by=ended.manager, at=ended.due_at + DAYS_31)
        assert any('"clients_client"' in row["sql"] and "FOR UPDATE" in row["sql"] for row in statements)


class TestCarryOut:
    def test_leaves_no_row_that_leads_to_the_client(self, cast, full):
        keys = Generation.objects.filter(vault__subject=full.client.pk).count()
        grants = Grant.objects.filter(vault__subject=full.client.pk).count()
        assert keys == 4
        assert grants > keys
        others = Grant.objects.count() - grants
        tombstone = full.destroy()
        assert rows_about(full.client) == 0
        assert (Grant.objects.count(), tombstone.vaults, tombstone.grants) == (others, 4, grants)
        assert tombstone.texts >= 7
        connection.check_constraints()

    def test_leaves_no_account_and_no_key_of_the_client(self, cast, full):
        user = cast.robin.person.user
        full.destroy()
        assert not User.objects.filter(pk=user.pk).exists()
        assert not Identity.objects.filter(holder=user.pk).exists()
        assert not KeySession.objects.filter(user=user.pk).exists()

    def test_keeps_the_account_of_somebody_with_another_record(self, cast, full):
        user = cast.robin.person.user
        Client.objects.filter(pk=cast.noor.client_id).update(user=user)
        full.destroy()
        assert Identity.objects.filter(holder=user.pk).exists()
        assert User.objects.filter(pk=user.pk).exists()

    def test_leaves_no_ciphertext_anywhere(self, full):
        texts = {bytes(text) for model, column in REGISTER for text in sealed_of(model, column, full.client)}
        assert len(texts) >= 7
        full.destroy()
        remains = everything_stored()
        assert not [text for text in texts if text[6:] in remains]

    def test_leaves_the_log_whose_entries_name_random_ids_only(self, full):
        handle, entries = full.client.audit_handle, Entry.objects.count()
        assert EntrySubject.objects.filter(handle=handle).exists()
        full.destroy()
        assert Entry.objects.count() == entries + 2
        assert EntrySubject.objects.filter(handle=handle).exists()
        assert not Client.objects.filter(log_handle=handle).exists()
        last = Entry.objects.order_by("-pk")[0]
        assert (last.action, last.obj_id) == (Act.DESTRUCTION_DONE, full.client.pk)

    def test_states_when_the_last_backup_of_keys_is_gone(self, full):
        tombstone = full.destroy()
        # A backup goes at the first one made after its time; one is made each night.
        assert tombstone.complete_at == tombstone.destroyed_at + BACKUPS_KEEP_KEYS + A_DAY
        certificate = read_certificate(by=full.manager, tombstone_id=tombstone.pk, at=tombstone.complete_at - A_DAY)
        assert not certificate.is_complete
        assert read_certificate(by=full.manager, tombstone_id=tombstone.pk, at=tombstone.complete_at).is_complete

    def test_certificate_of_a_hidden_record_is_for_who_decided(self, cast, ended):
        hide(ended)
        decision = ended.decide(by=cast.dana.as_(Role.THERAPIST))
        [tombstone] = carry_out_due(by=ended.manager, at=decision.due_at)
        assert read_certificate(by=cast.dana.as_(Role.THERAPIST), tombstone_id=tombstone.pk, at=decision.due_at)
        with pytest.raises(NoSuchClient):
            read_certificate(by=ended.manager, tombstone_id=tombstone.pk, at=decision.due_at)

    def test_certificate_is_for_every_manager_else(self, cast, ended):
        tombstone = ended.destroy()
        cast.sam.user.roles_held.create(role=Role.MANAGER)
        at = tombstone.destroyed_at
        assert read_certificate(by=cast.sam.as_(Role.MANAGER), tombstone_id=tombstone.pk, at=at).tombstone == tombstone
        with pytest.raises(NoSuchClient):
            read_certificate(by=cast.sam.as_(Role.THERAPIST), tombstone_id=tombstone.pk, at=at)

    def test_rolls_back_as_a_whole(self, full, monkeypatch):
        decision, before = full.decide(), rows_about(full.client)

        def fail(**_):
            raise RuntimeError

        monkeypatch.setattr("clients.services.destroying.forget_invitations", fail)
        with pytest.raises(RuntimeError):
            carry_out_due(by=full.manager, at=decision.due_at)
        assert rows_about(full.client) == before
        assert not Tombstone.objects.exists()


class TestTheGuards:
    """What a hand on the database may delete: nothing of a client without a tombstone."""

    @pytest.mark.parametrize("table", ["notes_note", "consent_record", "consent_emergencyreason", "consent_event"])
    def test_refuse_to_delete_outside_a_destruction(self, full, table):
        full.decide()
        refused(f"DELETE FROM {table}")  # noqa: S608 (a name out of the list above)

    def test_refuse_the_rows_of_another_client(self, cast, full):
        put_back_tombstones([a_tombstone_of(full, client_id=cast.noor.client_id)])
        refused("DELETE FROM notes_note")

    @pytest.mark.parametrize("change", ["DELETE FROM clients_tombstone", "UPDATE clients_tombstone SET hidden = true"])
    def test_keep_tombstones(self, full, change):
        full.destroy()
        refused(change)

    def test_refuse_to_change_even_what_may_go(self, full):
        put_back_tombstones([a_tombstone_of(full)])
        refused("UPDATE notes_note SET revision = 9")

    def test_let_go_what_has_a_tombstone(self, full):
        put_back_tombstones([a_tombstone_of(full)])
        run("DELETE FROM notes_note")
        assert not Note.objects.exists()


class TestWhatARestoreBringsBack:
    def test_is_closed_listed_and_destroyed_again(self, cast, full):
        put_back_tombstones([a_tombstone_of(full)])
        assert came_back() == {full.client.pk, cast.robin.person.user.pk}
        for person, role in ((cast.manager, Role.MANAGER), (cast.robin.person, Role.CLIENT)):
            with pytest.raises(NoSuchClient):
                find_client(by=person.as_(role), client_id=full.client.pk)
        [tombstone] = carry_out_due(by=full.manager, at=full.due_at)
        assert tombstone.fingerprint == "0" * 64
        assert rows_about(full.client) == 0
        assert came_back() == set()

    def test_is_known_from_the_list_of_a_later_backup(self, full):
        tombstone = full.destroy()
        [row] = dump_tombstones()
        guardless(lambda: Tombstone.objects.all().delete())
        put_back_tombstones([row, row][:1])
        put_back_tombstones([row])
        assert Tombstone.objects.get() == tombstone
        assert dump_tombstones() == [row]


def a_tombstone_of(ended, **changes):
    day = str(ended.due_at)
    return {
        "client_id": str(ended.client.pk),
        "code": ended.client.code,
        "hidden": "False",
        "decided_by": str(ended.cast.manager.user.pk),
        "decided_at": day,
        "destroyed_at": str(ended.due_at + DAYS_31),
        "complete_at": str(ended.due_at + 2 * DAYS_31),
        "vaults": "4",
        "grants": "9",
        "texts": "7",
        "fingerprint": "0" * 64,
    } | {name: str(value) for name, value in changes.items()}


def refused(statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement)


def guardless(act):
    from audit.guards import Guard

    guard = Guard("clients_tombstone", (("client_id",),))
    connection.check_constraints()
    run(*guard.remove_statements(connection))
    act()
    connection.check_constraints()
    run(*guard.install_statements(connection))


def sealed_of(model, column, client):
    kind = apps.get_model(model)
    paths = {Client: "pk", **dict(hanging_from(Client))}
    if kind not in paths:
        return []
    value = client.pk if kind is Client else client
    rows = kind._default_manager.filter(**{paths[kind]: value})
    return [text for text in rows.values_list(column, flat=True) if text]


def everything_stored() -> bytes:
    """Read every cell of every table, as a dump would."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cells = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (a name out of the catalogue)
            cells += [cell for row in cursor for cell in row]
    return b"\n".join(bytes(cell) for cell in cells if isinstance(cell, bytes | memoryview))
