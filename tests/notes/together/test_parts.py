"""A session of a group: its own note, and a part for each who was there, which says nothing of the others."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from clients.kinds import ClientKind
from clients.models import Care
from clients.models.units import Member
from clients.services.units import make_unit, remove_member
from clients.services.vaults import readers_to_confirm
from notes.kinds import NoteKind
from notes.models import Draft, Note
from notes.services.basing import ConsentMissing
from notes.services.drafting import Plan, open_draft, save_draft
from notes.services.signing import sign_note
from notes.services.together import FirstNoteAlone, NotOfThem, begin_together, others_named, parts_of
from tests.beginnings import beginning
from tests.notes.conftest import FIELDS, Desk
from tests.notes.together.conftest import Couple, together
from tests.notes.together.test_kept_apart import file_of, readable


def ids_of(group: Couple) -> frozenset[UUID]:
    return frozenset([group.cast.robin.client_id, group.cast.noor.client_id])


def begin(group: Couple, present=None, **changes) -> Draft:
    plan = Plan(NoteKind.SESSION, timezone.now().replace(second=0, microsecond=0), minutes=90, **changes)
    who = ids_of(group) if present is None else frozenset(present)
    return begin_together(by=group.dana, unit=group.unit, plan=plan, present=who, at=timezone.now())


@beginning
def group(couple: Couple) -> Couple:
    """The same two, as a group; both have records, which Dana made."""
    for person in (couple.cast.robin, couple.cast.noor):
        desk = Desk(couple.cast.dana, person.record)
        colleagues = frozenset(user.pk for user in readers_to_confirm(by=couple.dana, client=desk.client))
        desk.begin(NoteKind.CALL, confirmed=colleagues)
    Draft.objects.all().delete()
    new = together(ids_of(couple), kind=ClientKind.GROUP)
    return Couple(couple.cast, Desk(couple.cast.dana, make_unit(by=couple.dana, new=new, at=timezone.now())))


class TestBeginning:
    def test_begins_each_in_a_record_of_its_own_on_its_own_signature(self, group):
        common = begin(group)
        parts = parts_of(by=group.dana, common=common)
        assert {part.client_id for part in parts} == ids_of(group)
        bases = {draft.client_id: draft.consent_basis.client_id for draft in Draft.objects.all()}
        assert bases == {client: client for client in (group.unit.pk, *ids_of(group))}

    def test_goes_on_with_what_was_begun(self, group):
        assert begin(group) == begin(group)
        assert Draft.objects.count() == 3

    def test_leaves_out_who_was_not_there(self, group):
        common = begin(group, [group.cast.robin.client_id])
        assert [part.client_id for part in parts_of(by=group.dana, common=common)] == [group.cast.robin.client_id]

    @pytest.mark.parametrize("who", ["left", "nobody", "a colleague's"])
    def test_is_all_or_nothing(self, group, who):
        present = set(ids_of(group))
        if who == "left":
            place = group.place_of(group.cast.noor)
            remove_member(by=group.dana, unit=group.unit, member_id=place.pk, at=timezone.now())
        if who == "nobody":
            present |= {uuid4()}
        if who == "a colleague's":
            Care.objects.filter(client=group.cast.noor.client_id, therapist=group.cast.dana.user).update(
                ended_at=timezone.now()
            )
        with pytest.raises(NotOfThem):
            begin(group, present)
        assert not Draft.objects.exists()

    def test_waits_for_everybody(self, half_signed):
        with pytest.raises(ConsentMissing):
            begin(half_signed)
        assert not Draft.objects.exists()

    def test_shows_no_key_to_a_colleague_unasked(self, couple):
        with pytest.raises(FirstNoteAlone):
            begin(couple)
        assert not Draft.objects.exists()


class TestParts:
    def test_name_nobody_who_was_there_too(self, group):
        begin(group)
        for number, draft in enumerate(Draft.objects.order_by("pk")):
            save_draft(
                by=group.dana, draft=draft, revision=0, fields=FIELDS | {"plan": f"P{number}"}, at=timezone.now()
            )
        robins = Draft.objects.get(client=group.cast.robin.client_id)
        for draft in Draft.objects.all():
            sign_note(by=group.dana, draft_id=draft.pk, revision=draft.revision, at=timezone.now())
        text = readable(file_of(group.dana, group.cast.robin.record))
        mine = Note.objects.get(pk=robins.pk)
        others = Note.objects.exclude(pk=mine.pk)
        assert str(mine.pk) in text
        assert not [note for note in others if str(note.pk) in text]
        assert not {word for word in ("Noor", "group", "Marlowe, together", group.unit.code) if word in text}

    @pytest.mark.parametrize(
        ("words", "named"),
        [
            ("Answered noor twice.", ("Noor Haddad",)),
            ("HADDÁD said so.", ("Noor Haddad",)),
            ("Robin spoke of the lake.", ()),
            ("Noorden is far.", ()),
        ],
    )
    def test_warn_of_another_name(self, group, words, named):
        begin(group)
        draft = Draft.objects.get(client=group.cast.robin.client_id)
        # Who has left since was there all the same.
        noor = group.place_of(group.cast.noor).pk
        remove_member(by=group.dana, unit=group.unit, member_id=noor, at=timezone.now())
        save_draft(by=group.dana, draft=draft, revision=0, fields=FIELDS | {"brought": words}, at=timezone.now())
        opened = open_draft(by=group.dana, draft_id=draft.pk, at=timezone.now())
        assert others_named(by=group.dana, opened=opened, at=timezone.now()) == named

    def test_warn_of_nobody_who_came_another_time(self, group, log):
        begin(group)
        draft = Desk(group.cast.dana, group.cast.robin.record).begin(session_at=timezone.now() - timedelta(seconds=61))
        text = FIELDS | {"brought": "Answered Noor twice."}
        save_draft(by=group.dana, draft=draft, revision=0, fields=text, at=timezone.now())
        opened, heard = open_draft(by=group.dana, draft_id=draft.pk, at=timezone.now()), log()
        assert others_named(by=group.dana, opened=opened, at=timezone.now()) == ()
        assert heard.acts == []

    def test_warn_of_nobody_where_the_client_had_left_before(self, group):
        begin(group)
        draft = Draft.objects.get(client=group.cast.robin.client_id)
        text = FIELDS | {"brought": "Answered Noor twice."}
        save_draft(by=group.dana, draft=draft, revision=0, fields=text, at=timezone.now())
        before = draft.session_at - timedelta(hours=1)
        Member.objects.filter(client=draft.client).update(joined_at=before, left_at=before)
        opened = open_draft(by=group.dana, draft_id=draft.pk, at=timezone.now())
        assert others_named(by=group.dana, opened=opened, at=timezone.now()) == ()

    def test_come_again_together(self, group):
        """The next date is the group's, and nobody's own."""
        following = timezone.now() + timedelta(days=7)
        begin(group, next_at=following)
        told = {draft.client_id: draft.next_at for draft in Draft.objects.all()}
        assert told == {group.unit.pk: following} | dict.fromkeys(ids_of(group))


class TestPages:
    def test_lead_from_the_group_to_one_signature_for_all(self, group, signed_in):
        browser, unit = signed_in(group.cast.dana), group.unit
        assert f"/clients/{unit.pk}/notes/together/" in browser.get(f"/clients/{unit.pk}/notes/").content.decode()
        address = f"/clients/{unit.pk}/notes/together/"
        moment = timezone.localtime(timezone.now()).strftime("%Y-%m-%dT%H:%M")
        missing = browser.post(address, {"session_at": moment}).content.decode()
        assert "Please tick who was there." in missing
        following = (timezone.localtime() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")
        typed = {"session_at": moment, "minutes": 90, "next_at": following, "present": list(ids_of(group))}
        browser.post(address, typed | {"next_at": ""})
        # Once more, because the next session was forgotten.
        answer = browser.post(address, typed)
        common = Draft.objects.get(client=unit)
        assert timezone.localtime(common.next_at).strftime("%Y-%m-%dT%H:%M") == following
        assert answer.url == f"/drafts/{common.pk}/parts/"
        page = browser.get(answer.url).content.decode()
        assert page.count("nothing written yet") == 3
        part = Draft.objects.get(client=group.cast.robin.client_id)
        # Something else that waits is no part of this.
        Desk(group.cast.dana, group.cast.robin.record).write(
            NoteKind.CALL, session_at=timezone.now() - timedelta(hours=2)
        )
        for draft in (common, part):
            text = FIELDS | {"brought": "Noor came late."}
            save_draft(by=group.dana, draft=draft, revision=draft.revision, fields=text, at=timezone.now())
        review = browser.get(f"/drafts/review/?with={common.pk}")
        shown = {one.draft.pk: one.named for one in review.context["sitting"].reviewed}
        assert shown == {common.pk: (), part.pk: ("Noor Haddad",)}
        assert "This names Noor Haddad" in review.content.decode()
        assert "This names Noor Haddad" in browser.get(f"/drafts/{part.pk}/review/").content.decode()

    def test_of_one_persons_draft_are_that_draft(self, group, signed_in):
        draft = Desk(group.cast.dana, group.cast.robin.record).begin()
        assert signed_in(group.cast.dana).get(f"/drafts/{draft.pk}/parts/").url == f"/drafts/{draft.pk}/"
