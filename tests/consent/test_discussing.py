"""What a client wants to talk about: seen once it is marked, gone with the tick, sealed from everybody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from audit.services import record_look
from clients.services.caring import start_care
from consent.kinds import ChangeClass, EventKind
from consent.limits import Limit
from consent.models import Event, Record
from consent.record import Check
from consent.services.discussing import look_for_marks, mark_discussed, to_discuss
from consent.services.signing import meaning_of
from keys.errors import NoGrant, SealBroken
from tests.cast import Cast, sign_consent
from tests.consent import rows
from tests.consent.choices import publish
from tests.consent.table import Table
from tests.consent.tampering import alter

MINUTE = timedelta(minutes=1)


@pytest.fixture
def table(cast: Cast) -> Table:
    table = Table(cast.robin)
    table.agree()
    return table


@pytest.fixture
def dana(cast: Cast):
    return cast.dana.as_(Role.THERAPIST)


def seen(by, client) -> list[Limit]:
    receipt = record_look(Act.CONSENT_ANSWERS_READ, by=by, target=client, at=timezone.now())
    return [screen.code for screen in to_discuss(by=by, client=client, receipt=receipt)]


def looks() -> int:
    return Entry.objects.filter(action=Act.CONSENT_ANSWERS_READ).count()


class TestBeforeTheSignature:
    def test_a_mark_is_seen_at_once(self, table: Table, dana):
        assert seen(dana, table.client) == []
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        table.finish(Limit.ABUSE, Check.TO_DISCUSS)
        assert seen(dana, table.client) == [Limit.ABUSE, Limit.PAYMENT]

    def test_an_answer_given_later_takes_the_mark_away(self, table: Table, dana):
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        table.finish(Limit.PAYMENT, Check.RIGHT)
        assert seen(dana, table.client) == []

    def test_the_tick_ends_it_until_something_new_is_marked(self, table: Table, dana):
        now = timezone.now()
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS, at=now)
        mark_discussed(by=dana, client=table.client, at=now + 2 * MINUTE)
        assert seen(dana, table.client) == []
        table.finish(Limit.ABUSE, Check.TO_DISCUSS, at=now + 5 * MINUTE)
        assert seen(dana, table.client) == [Limit.ABUSE]

    def test_a_tick_with_nothing_to_talk_about_writes_nothing(self, table: Table, dana):
        mark_discussed(by=dana, client=table.client, at=timezone.now())
        assert not Event.objects.filter(kind=EventKind.DISCUSSED).exists()
        assert not Entry.objects.filter(action=Act.CONSENT_DISCUSSED).exists()

    def test_a_second_tick_adds_nothing(self, table: Table, dana):
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        for _ in range(2):
            mark_discussed(by=dana, client=table.client, at=timezone.now())
        assert Event.objects.filter(kind=EventKind.DISCUSSED).count() == 1
        assert Entry.objects.filter(action=Act.CONSENT_DISCUSSED).count() == 1

    def test_a_talk_before_the_signature_is_due_again_once_it_is_signed_as_open(self, table: Table, dana):
        # The client signs "We will still talk about": what was signed last counts.
        table.finish_all()
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        mark_discussed(by=dana, client=table.client, at=timezone.now())
        assert seen(dana, table.client) == []
        table.sign(meaning=meaning_of(table.text, frozenset({Limit.PAYMENT})))
        assert seen(dana, table.client) == [Limit.PAYMENT]

    def test_whoever_lacks_the_key_sees_no_mark(self, table: Table, cast: Cast):
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        start_care(
            by=cast.manager.as_(Role.MANAGER), client=table.client, therapist_id=cast.sam.user.pk, at=timezone.now()
        )
        with pytest.raises(NoGrant):
            seen(cast.sam.as_(Role.THERAPIST), table.client)
        assert look_for_marks(by=cast.sam.as_(Role.THERAPIST), clients=[table.client], at=timezone.now()) == {}
        # Nor does the log say that a look was taken where no door opened: the one above is the test's own.
        assert looks() == 1

    def test_a_mark_looks_like_any_other_answer_in_the_database(self, table: Table):
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        table.finish(Limit.ABUSE, Check.RIGHT)
        marked, right = (Event.objects.get(section=code) for code in (Limit.PAYMENT, Limit.ABUSE))
        # The seal hides the length too, up to its padding.
        assert len(marked.sealed_detail or b"") == len(right.sealed_detail or b"") > 0
        assert not any(b"to_discuss" in bytes(body) for body in Entry.objects.values_list("body", flat=True))


class TestAfterTheSignature:
    def test_what_is_signed_as_open_waits_for_a_tick(self, cast: Cast, dana):
        sign_consent(cast.robin, unclear=frozenset({Limit.ABUSE, Limit.PAYMENT}))
        client = Table(cast.robin).client
        assert seen(dana, client) == [Limit.ABUSE, Limit.PAYMENT]
        mark_discussed(by=dana, client=client, at=timezone.now())
        assert seen(dana, client) == []

    def test_nothing_unclear_needs_no_talk(self, cast: Cast, dana):
        sign_consent(cast.robin)
        assert seen(dana, Table(cast.robin).client) == []

    def test_a_mark_in_a_newer_text_is_seen_before_that_is_signed(self, cast: Cast, dana):
        sign_consent(cast.robin, unclear=frozenset({Limit.ABUSE}))
        rows.newer_version(Table(cast.robin).text.id)
        table = Table(cast.robin)
        table.finish(Limit.ABUSE, Check.TO_DISCUSS)
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        assert seen(dana, table.client) == [Limit.ABUSE, Limit.PAYMENT]


class TestMarksInRowsThatWereAltered:
    """Whoever writes the database moves no mark to another limit, and no answer to another text."""

    def test_a_mark_moved_to_another_limit_does_not_open(self, table: Table, dana):
        table.finish(Limit.ABUSE, Check.TO_DISCUSS)
        alter(Event.objects.filter(kind=EventKind.SECTION_DONE), section=Limit.PAYMENT)
        with pytest.raises(SealBroken):
            seen(dana, table.client)

    def test_an_answer_to_an_older_text_signs_no_newer_one(self, table: Table, cast: Cast):
        table.finish_all()
        newer = publish(cast.manager.as_(Role.MANAGER), change=ChangeClass.URGENT)
        alter(Event.objects.filter(kind=EventKind.SECTION_DONE), version=newer)
        with pytest.raises(SealBroken):
            table.sign(version_id=newer)
        assert not Record.objects.exists()


class TestLookForMarks:
    def test_lists_after_one_look_that_names_every_client(self, table: Table, dana):
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        marks = look_for_marks(by=dana, clients=[table.client], at=timezone.now())
        assert [screen.code for screen in marks[table.client.pk]] == [Limit.PAYMENT]
        assert looks() == 1

    def test_does_not_look_where_nothing_can_be(self, table: Table, dana):
        assert look_for_marks(by=dana, clients=[], at=timezone.now()) == {}
        assert look_for_marks(by=dana, clients=[table.client], at=timezone.now()) == {}
        table.finish(Limit.PAYMENT, Check.TO_DISCUSS)
        mark_discussed(by=dana, client=table.client, at=timezone.now())
        assert look_for_marks(by=dana, clients=[table.client], at=timezone.now()) == {}
        assert looks() == 0

    def test_leaves_out_who_marked_nothing(self, table: Table, dana):
        table.finish(Limit.PAYMENT)
        assert look_for_marks(by=dana, clients=[table.client], at=timezone.now()) == {}
        assert looks() == 1

    def test_asks_the_database_as_often_for_many_as_for_one(self, table: Table, cast: Cast, dana):
        noor = Table(cast.noor).client
        with_one, with_two = ([table.client], [table.client, noor])
        counts = []
        for clients in (with_one, with_two):
            before = len(connection.queries_log)
            look_for_marks(by=dana, clients=clients, at=timezone.now())
            counts.append(len(connection.queries_log) - before)
        assert counts[0] == counts[1]
