"""What goes with a record that is destroyed, what the database lets go, and what a restore brings back."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from access.models import Invitation, KeySession, User
from access.roles import Role
from audit.acts import Act
from audit.guards import Guard
from audit.models import Entry, EntrySubject
from clients.models import Client
from clients.models.retention import Tombstone
from clients.services.destroying import carry_out_due
from clients.services.finding import NoSuchClient, find_client
from clients.services.tombstones import came_back, dump_tombstones, put_back_tombstones, read_certificate
from keys.columns import REGISTER
from keys.hanging import hanging_from
from keys.models import Certificate, Generation, Grant, Identity, InvitationKey, Vault
from keys.services import BACKUPS_KEEP_KEYS
from notes.models import Note
from tests.audit.sql import run
from tests.clients.keeping.ending import A_DAY, a_tombstone_of, hide


def rows_about(client) -> int:
    """Count every row that leads to a client, the vaults too."""
    models = hanging_from(Client)
    return sum(model._default_manager.filter(**{path: client}).count() for model, path in models) + sum(
        model.objects.filter(subject=client.pk).count() for model in (Vault, Certificate, InvitationKey, Invitation)
    )


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

    @pytest.mark.parametrize(
        "table", ["notes_note", "notes_addendum", "consent_record", "consent_emergencyreason", "consent_event"]
    )
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
        run("DELETE FROM notes_addendum")
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
        for _ in range(2):
            put_back_tombstones([row])
        assert Tombstone.objects.get() == tombstone
        assert dump_tombstones() == [row]


def refused(statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement)


def guardless(act):
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
