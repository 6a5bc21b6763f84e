"""Paper instead of the screen: asked for, taken back, met by a signature."""

from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from consent.kinds import SIGNATURES, EventKind
from consent.models import Event
from consent.services.ceremony import AlreadySigned
from consent.services.deciding import state_of, wants_paper
from consent.services.paper import choose_paper, paper_wishes
from consent.timeline import State, Step, state_at
from tests.cast import Cast, ClientPerson, sign_consent
from tests.consent.rows import AT

STEPS = st.lists(
    st.tuples(st.sampled_from(EventKind), st.integers(0, 10**6 - 1)), unique_by=lambda pair: pair[1], max_size=12
)


@pytest.fixture
def robin(cast: Cast) -> ClientPerson:
    return cast.robin


def choose(robin: ClientPerson, *, wants: bool, **changes) -> None:
    typed = {"nonce": uuid4(), "at": timezone.now(), **changes}
    choose_paper(by=robin.person.as_(Role.CLIENT), client=robin.record, wants=wants, **typed)


def is_wanted(robin: ClientPerson) -> bool:
    return state_of(client=robin.record, at=timezone.now()).wants_paper


class TestChoose:
    def test_is_kept_and_taken_back(self, robin):
        assert not is_wanted(robin)
        choose(robin, wants=True)
        assert is_wanted(robin)
        choose(robin, wants=False)
        assert not is_wanted(robin)
        acts = list(
            Entry.objects.filter(action__startswith="consent:paper").order_by("pk").values_list("action", flat=True)
        )
        assert acts == [Act.CONSENT_PAPER_ASKED, Act.CONSENT_PAPER_DROPPED]

    @pytest.mark.parametrize("wants", [True, False])
    def test_the_same_choice_again_writes_nothing(self, robin, wants: bool):
        if wants:
            choose(robin, wants=True)
        before = Event.objects.count(), Entry.objects.count()
        choose(robin, wants=wants)
        assert (Event.objects.count(), Entry.objects.count()) == before

    def test_a_signature_meets_it(self, cast: Cast, robin):
        choose(robin, wants=True)
        sign_consent(cast.robin)
        assert not is_wanted(robin)

    def test_what_is_signed_is_not_asked_for_on_paper(self, cast: Cast, robin):
        sign_consent(cast.robin)
        with pytest.raises(AlreadySigned):
            choose(robin, wants=True)
        assert not Event.objects.filter(kind=EventKind.PAPER_ASKED).exists()
        assert not Entry.objects.filter(action=Act.CONSENT_PAPER_ASKED).exists()

    def test_moves_nobody_along(self, robin):
        choose(robin, wants=True)
        assert state_of(client=robin.record, at=timezone.now()).state == State()


class TestWishes:
    def test_reach_managers_and_the_therapist_in_care_alone(self, cast: Cast, robin):
        choose(robin, wants=True)
        client, now = cast.robin.record, timezone.now()
        assert paper_wishes(by=cast.manager.as_(Role.MANAGER), at=now) == [client]
        assert paper_wishes(by=cast.dana.as_(Role.THERAPIST), at=now) == [client]
        assert paper_wishes(by=cast.sam.as_(Role.THERAPIST), at=now) == []
        assert paper_wishes(by=cast.auditor.as_(Role.AUDITOR), at=now) == []

    def test_end_when_taken_back(self, cast: Cast, robin):
        choose(robin, wants=True)
        choose(robin, wants=False)
        assert paper_wishes(by=cast.manager.as_(Role.MANAGER), at=timezone.now()) == []


class TestOfAnyTimeline:
    def steps(self, drawn) -> list[Step]:
        until = AT.replace(year=2036)
        return [
            Step(uuid4(), kind, AT.replace(microsecond=moment), until if kind is EventKind.OVERRIDE_OPENED else None)
            for kind, moment in drawn
        ]

    @given(STEPS)
    def test_is_the_last_word_on_paper(self, drawn):
        steps = self.steps(drawn)
        choices = {EventKind.PAPER_ASKED, EventKind.PAPER_DROPPED, *SIGNATURES}
        last = next((s.kind for s in sorted(steps, key=lambda s: s.at, reverse=True) if s.kind in choices), None)
        assert wants_paper(steps) == (last is EventKind.PAPER_ASKED)

    @given(STEPS)
    def test_never_changes_what_may_be_written(self, drawn):
        steps = self.steps(drawn)
        silent = [s for s in steps if s.kind not in {EventKind.PAPER_ASKED, EventKind.PAPER_DROPPED}]
        for moment in [AT, AT.replace(microsecond=500_000), AT.replace(second=1)]:
            assert state_at(steps, moment) == state_at(silent, moment)

    @given(STEPS)
    def test_the_order_of_loading_does_not_matter(self, drawn):
        steps = self.steps(drawn)
        assert wants_paper(steps) == wants_paper(reversed(steps))
        later = AT.replace(second=1)
        assert state_at(steps, later) == state_at(steps[::-1], later)
