"""Questions that are put into SQL once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from keys.models import Grant, Vault
from keys.prepared import Changes, Prepared, PreparedDelete, PreparedUpdate
from keys.services import Place, VaultKind, make_vault

pytestmark = pytest.mark.django_db


def vault(**columns):
    return Vault.objects.create(**{"subject": uuid4(), "kind": "record", **columns})


@Prepared
def of_subject(subject: UUID, kind: str) -> QuerySet[Vault]:
    return Vault.objects.filter(subject=subject, kind=kind)


class TestPrepared:
    def test_answers_as_the_query_does(self):
        mine, _other = vault(), vault()

        assert of_subject.all(subject=mine.subject, kind="record") == [mine]
        assert of_subject.first(subject=mine.subject, kind="record").kind == "record"

    def test_asks_with_other_values_the_next_time(self):
        mine, other = vault(), vault()
        of_subject.all(subject=mine.subject, kind="record")

        assert of_subject.all(subject=other.subject, kind="record") == [other]
        assert not of_subject.any(subject=mine.subject, kind="contact")
        assert of_subject.first(subject=uuid4(), kind="record") is None

    def test_sees_what_changed_meanwhile(self):
        row = vault()
        before = of_subject.first(subject=row.subject, kind="record")
        Vault.objects.filter(pk=row.pk).update(current_generation=7)

        assert before.current_generation == 1
        assert of_subject.first(subject=row.subject, kind="record").current_generation == 7

    def test_is_put_together_once(self):
        built = []

        @Prepared
        def question(subject: UUID) -> QuerySet[Vault]:
            built.append(subject)
            return Vault.objects.filter(subject=subject)

        with CaptureQueriesContext(connection) as asked:
            for _ in range(3):
                question.all(subject=uuid4())

        assert (len(built), len(asked)) == (1, 3)

    def test_takes_moments_and_lists_of_values(self):
        row = vault(rotate_since=timezone.now())

        @Prepared
        def waiting(by, subject):
            return Vault.objects.filter(rotate_since__lte=by, subject=subject).values_list("kind", "id")

        assert waiting.all(by=timezone.now(), subject=row.subject) == [("record", row.pk)]
        assert not waiting.any(by=timezone.now() - timedelta(minutes=1), subject=row.subject)

    def test_brings_related_rows_along(self, house):
        @Prepared
        def grants(key_id):
            return Grant.objects.filter(grantee=key_id).select_related("vault")

        person = house.staff()
        opened = make_vault(by=person, place=Place(VaultKind.RECORD, uuid4()), at=timezone.now())
        (grant,) = grants.all(key_id=person.key_id)

        with CaptureQueriesContext(connection) as asked:
            assert (grant.vault.pk, grant.vault.subject) == (opened.id, opened.place.subject)
        assert len(asked) == 0

    def test_decides_nothing_by_a_value(self):
        @Prepared
        def question(subject):
            return Vault.objects.filter(subject=subject) if subject else Vault.objects.all()

        with pytest.raises(TypeError, match="by a value"):
            question.all(subject=uuid4())

    @pytest.mark.parametrize(
        "foreign", [uuid4, timezone.now, lambda: b"key", lambda: 7], ids=["id", "moment", "bytes", "number"]
    )
    def test_refuses_a_value_that_is_no_argument(self, foreign):
        """It would be the one of whoever asked first, for everybody and for good."""
        field = {
            "UUID": "subject",
            "datetime": "rotate_since",
            "bytes": "generation__commit",
            "int": "current_generation",
        }

        @Prepared
        def question(kind):
            value = foreign()
            return Vault.objects.filter(kind=kind, **{field[type(value).__name__]: value})

        with pytest.raises(ValueError, match="not an argument"):
            question.all(kind="record")
        with pytest.raises(ValueError, match="not an argument"):
            question.all(kind="record")

    def test_serves_each_thread_on_its_own_connection(self):
        """What one thread put together names a connection that no other may use."""
        row = vault()
        of_subject.all(subject=row.subject, kind="record")
        mine = of_subject._own.rows

        with ThreadPoolExecutor(1) as pool:
            assert not pool.submit(hasattr, of_subject._own, "rows").result()
        assert of_subject._own.rows is mine


@PreparedUpdate
def turn(vault: UUID, read: int, written: int) -> tuple[QuerySet[Vault], Changes]:
    return Vault.objects.filter(pk=vault, current_generation=read), {"current_generation": written}


@PreparedDelete
def forget(vault: UUID, generation: int) -> QuerySet[Vault]:
    return Vault.objects.filter(pk=vault, current_generation=generation)


class TestPreparedChanges:
    def test_change_what_fits_and_nothing_else(self):
        row, other = vault(), vault()

        assert turn.run(vault=row.pk, read=1, written=2) == 1
        assert turn.run(vault=row.pk, read=1, written=3) == 0
        assert turn.run(vault=row.pk, read=2, written=5) == 1
        found = dict(Vault.objects.filter(pk__in=[row.pk, other.pk]).values_list("pk", "current_generation"))
        assert found == {row.pk: 5, other.pk: 1}

    def test_delete_what_fits_and_nothing_else(self):
        row, other = vault(), vault()

        assert forget.run(vault=row.pk, generation=2) == 0
        assert forget.run(vault=row.pk, generation=1) == 1
        assert list(Vault.objects.filter(pk__in=[row.pk, other.pk])) == [other]

    def test_refuse_a_value_that_is_no_argument(self):
        @PreparedUpdate
        def change(vault):
            return Vault.objects.filter(pk=vault), {"rotate_since": timezone.now()}

        with pytest.raises(ValueError, match="not an argument"):
            change.run(vault=uuid4())
