"""Sessions together: open where they are open with everybody, asked for themselves."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from access.roles import Role
from attachments.services.adding import NewFile, add_attachment
from audit.acts import Act
from clients.models import Client
from clients.models.units import Member
from clients.services.units import remove_member
from consent.decide import SAME_VISIT
from consent.kinds import EmergencyCode, EventKind
from consent.models import Event
from consent.services.attesting import SignatureUnproven
from consent.services.deciding import state_of
from consent.services.elsewhere import NobodySignsForThem, note_signed_elsewhere
from consent.services.overriding import Emergency, open_override
from consent.services.refusing import withdraw
from consent.services.together import steps_together
from notes.kinds import NEEDS_NOTHING, NEEDS_SIGNATURE, NoteKind
from notes.models import Draft
from notes.services.basing import ConsentMissing, ConsentRefused, basis_to_finish
from notes.services.signing import sign_note
from plans.goals import Goal
from plans.services.reading import read_plan
from plans.services.writing import PlanWaits, Proposal, write_plan
from tests.attachments.conftest import incoming
from tests.cast import sign_consent
from tests.consent import rows
from tests.notes.conftest import Desk, done

A_DAY = timedelta(days=1)
WAITING = sorted({*NEEDS_SIGNATURE, NoteKind.EMERGENCY})


def take_back(person, *, at) -> None:
    withdraw(by=person.person.as_(Role.CLIENT), client=person.record, reason="", nonce=uuid4(), at=at)


def desk_of(couple, person) -> Desk:
    return Desk(couple.cast.dana, person.record)


def plan(couple) -> None:
    proposal = Proposal(uuid4(), 0, (Goal(uuid4(), "One evening a week without telephones"),))
    write_plan(by=couple.dana, client=couple.unit, proposal=proposal, at=timezone.now())


def attach(couple) -> None:
    new = NewFile(uuid4(), "letter.txt", "From the court", incoming(b"Both are asked to come."))
    add_attachment(by=couple.dana, client=couple.unit, new=new, at=timezone.now())


def words(couple) -> str:
    return state_of(client=couple.unit, at=timezone.now()).words


class TestBeforeEverybodySigned:
    @pytest.mark.parametrize("kind", WAITING)
    def test_nothing_is_begun(self, half_signed, log, kind):
        heard = log()
        with pytest.raises(ConsentMissing, match="each of them has to have signed"):
            half_signed.desk.begin(kind)
        assert heard.acts == [(Act.NOTE_REFUSED, "denied")]
        assert not Draft.objects.exists()
        assert not Event.objects.filter(client=half_signed.unit).exists()

    def test_the_one_who_signed_is_written_about_alone(self, half_signed):
        assert desk_of(half_signed, half_signed.cast.robin).begin()

    @pytest.mark.parametrize("kind", sorted(NEEDS_NOTHING))
    def test_what_never_waits_does_not(self, unsigned_couple, kind):
        assert unsigned_couple.desk.begin(kind).consent_basis is None

    def test_an_emergency_reason_opens_emergency_notes(self, half_signed):
        half_signed.desk.give_emergency_reason(at=timezone.now())
        assert half_signed.desk.begin(NoteKind.EMERGENCY).consent_override
        with pytest.raises(ConsentMissing):
            half_signed.desk.begin()

    def test_a_reason_of_one_member_opens_nothing_together(self, half_signed):
        reason = Emergency(EmergencyCode.ACUTE_CRISIS, "Found in distress.", "Crisis, no device", uuid4())
        about = {"client": half_signed.cast.noor.record, "confirmed": frozenset([half_signed.cast.sam.user.pk])}
        open_override(by=half_signed.dana, emergency=reason, at=timezone.now(), **about)
        assert desk_of(half_signed, half_signed.cast.noor).begin(NoteKind.EMERGENCY).consent_override
        with pytest.raises(ConsentMissing):
            half_signed.desk.begin(NoteKind.EMERGENCY)

    def test_the_standing_counts_them(self, half_signed):
        assert words(half_signed) == "1 of 2 have signed"


class TestOnceEverybodySigned:
    def test_a_note_rests_on_an_event_that_names_nobody(self, couple, log):
        heard = log()
        first, second = couple.desk.sign(), couple.desk.begin(session_at=timezone.now() + timedelta(minutes=1))
        [event] = Event.objects.filter(client=couple.unit)
        assert {first.consent_basis, second.consent_basis} == {event}
        assert (event.kind, event.version, event.sealed_detail) == (EventKind.ALL_SIGNED, None, None)
        assert not first.began_before_signature
        assert heard.acts.count(done(Act.CONSENT_TOGETHER)) == 1
        assert heard.acts.count(done(Act.NOTE_WRITTEN)) == 1

    def test_two_that_are_begun_at_once_rest_on_the_same(self, couple, monkeypatch):
        first, real, missed = couple.desk.begin(), QuerySet.get, []

        def unseen_at_first(rows, *args, **asked):
            if rows.model is Event and "nonce" in asked and not missed:
                missed.append(asked)
                raise Event.DoesNotExist
            return real(rows, *args, **asked)

        monkeypatch.setattr(QuerySet, "get", unseen_at_first)
        second = couple.desk.begin(session_at=timezone.now() + timedelta(minutes=1))
        assert missed
        assert second.consent_basis == first.consent_basis

    def test_a_plan_waits_for_everybody_and_a_file_for_nobody(self, half_signed):
        unit, by = half_signed.unit, half_signed.dana
        attach(half_signed)
        with pytest.raises(PlanWaits):
            plan(half_signed)
        sign_consent(half_signed.cast.noor)
        plan(half_signed)
        attach(half_signed)
        assert read_plan(by=by, client=unit, at=timezone.now())
        assert Event.objects.get(client=unit).kind == EventKind.ALL_SIGNED

    def test_the_standing_says_so_and_a_debt_is_paid(self, half_signed):
        half_signed.desk.give_emergency_reason(at=timezone.now())
        assert state_of(client=half_signed.unit, at=timezone.now()).debts
        sign_consent(half_signed.cast.noor)
        standing = state_of(client=half_signed.unit, at=timezone.now())
        assert (standing.words, standing.is_signed, standing.debts) == ("all 2 have signed", True, ())

    def test_a_day_before_the_last_signature_it_was_not_yet(self, couple):
        with pytest.raises(ConsentMissing, match="before the last of them signed"):
            couple.desk.begin(session_at=timezone.now() - A_DAY)

    def test_one_who_signed_elsewhere_counts_as_for_one(self, half_signed):
        note_signed_elsewhere(by=half_signed.dana, clients=[half_signed.cast.noor.record], at=timezone.now())
        assert half_signed.desk.begin().rests_on_all
        assert state_of(client=half_signed.unit, at=timezone.now()).elsewhere_until

    @pytest.mark.parametrize("kind", [EventKind.SIGNED_ELSEWHERE, EventKind.SIGNED])
    def test_no_paper_of_the_units_own_is_a_signature(self, half_signed, kind):
        at = timezone.now()
        with pytest.raises(NobodySignsForThem):
            note_signed_elsewhere(by=half_signed.dana, clients=[half_signed.unit], at=at)
        facts = {"client": half_signed.unit, "at": at}
        robins = Event.objects.get(client=half_signed.cast.robin.client_id, kind=EventKind.SIGNED)
        more = {"version": robins.version} if kind == EventKind.SIGNED else {"until": at + A_DAY}
        rows.event(kind, **facts, **more).save(force_insert=True)
        with pytest.raises(ConsentMissing):
            half_signed.desk.begin()
        assert not Draft.objects.exists()

    def test_all_signed_is_nobodys_signature_in_one_persons_record(self, half_signed):
        noor, at = half_signed.cast.noor.record, timezone.now()
        planted = rows.event(EventKind.ALL_SIGNED, client=noor, at=at)
        planted.save(force_insert=True)
        draft = Draft(client=noor, kind=NoteKind.SESSION, session_at=at, consent_basis=planted)
        with pytest.raises(SignatureUnproven):
            basis_to_finish(draft, by=half_signed.dana, at=at)

    def test_a_signature_that_nobody_gave_is_none(self, half_signed):
        robins = Event.objects.get(client=half_signed.cast.robin.client_id, kind=EventKind.SIGNED)
        facts = {"client": half_signed.cast.noor.record, "version": robins.version, "at": timezone.now()}
        rows.event(EventKind.SIGNED, **facts).save(force_insert=True)
        with pytest.raises(SignatureUnproven):
            half_signed.desk.begin()
        assert not Draft.objects.exists()


class TestAWithdrawal:
    def test_stops_what_is_together_and_nothing_else(self, couple):
        at = timezone.now()
        draft = couple.desk.write(session_at=at - timedelta(minutes=1))
        take_back(couple.cast.noor, at=at)
        with pytest.raises(ConsentRefused, match="Somebody who belongs here has withdrawn"):
            couple.desk.begin(session_at=timezone.now())
        assert words(couple) == "somebody has withdrawn"
        assert desk_of(couple, couple.cast.robin).begin()
        assert couple.desk.begin(NoteKind.SAFETY)
        # The session before it can still be written down, and what was begun is finished.
        assert couple.desk.begin(session_at=at - timedelta(minutes=2), at=timezone.now())
        note = sign_note(by=couple.dana, draft_id=draft.pk, revision=draft.revision, at=timezone.now())
        assert note.rests_on_all

    def test_an_emergency_reason_makes_no_yes_of_it(self, couple):
        take_back(couple.cast.noor, at=timezone.now())
        couple.desk.give_emergency_reason(at=timezone.now())
        assert couple.desk.begin(NoteKind.EMERGENCY, session_at=timezone.now()).consent_override
        with pytest.raises(ConsentRefused):
            couple.desk.begin(session_at=timezone.now())


class TestWhoCame:
    """Asked are those who belonged when the session began, or joined in the same visit."""

    def test_one_alone_is_no_session_together(self, couple):
        remove_member(
            by=couple.dana, unit=couple.unit, member_id=couple.place_of(couple.cast.noor).pk, at=timezone.now()
        )
        with pytest.raises(ConsentMissing, match="at least two people"):
            couple.desk.begin(session_at=timezone.now())
        assert words(couple) == "fewer than two belong"

    def test_who_left_is_asked_about_the_time_before(self, half_signed):
        at, noor = timezone.now(), half_signed.cast.noor
        remove_member(by=half_signed.dana, unit=half_signed.unit, member_id=half_signed.place_of(noor).pk, at=at)
        for moment, asked in ((at - timedelta(seconds=1), True), (at, False)):
            _, members = steps_together(half_signed.unit, session_at=moment)
            assert (noor.client_id in members) is asked

    @pytest.mark.parametrize(("earlier", "asked"), [(SAME_VISIT, True), (SAME_VISIT + timedelta(minutes=1), False)])
    def test_who_joined_is_asked_about_the_same_visit(self, couple, earlier, asked):
        at = timezone.now()
        move(couple, made_at=at - 2 * A_DAY)
        Member.objects.filter(client=couple.cast.noor.client_id).update(joined_at=at)
        _, members = steps_together(couple.unit, session_at=at - earlier)
        assert (couple.cast.noor.client_id in members) is asked
        assert couple.cast.robin.client_id in members

    def test_who_was_added_by_mistake_and_taken_out_again_is_not_asked(self, couple):
        at, noor = timezone.now(), couple.cast.noor
        move(couple, made_at=at - 2 * A_DAY)
        Member.objects.filter(client=noor.client_id).update(joined_at=at)
        mistake, later = couple.place_of(noor).pk, at + timedelta(minutes=1)
        remove_member(by=couple.dana, unit=couple.unit, member_id=mistake, at=later)
        _, members = steps_together(couple.unit, session_at=at - timedelta(hours=1))
        assert set(members) == {couple.cast.robin.client_id}

    def test_a_session_before_there_was_a_record_is_judged_by_whom_it_was_made_for(self, couple):
        _, members = steps_together(couple.unit, session_at=timezone.now() - 9 * A_DAY)
        assert set(members) == {couple.cast.robin.client_id, couple.cast.noor.client_id}


def move(couple, *, made_at) -> None:
    Client.objects.filter(pk=couple.unit.pk).update(made_at=made_at)
    Member.objects.filter(unit=couple.unit).update(joined_at=made_at)
