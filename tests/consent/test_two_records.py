"""One account with two records of the same practice: each has its own form, receipt, questions and looks."""

import json
from base64 import b64decode
from uuid import UUID

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry, EntrySubject
from clients.models import Client
from clients.services.enrolling import confirm_identity
from clients.services.finding import find_client
from consent.kinds import EventKind
from consent.models import Event
from consent.models import Record as SignedForm
from consent.services.deciding import state_of
from consent.services.discussing import look_for_marks
from consent.services.records import look_at_record
from consent.timeline import Status
from notes.kinds import NoteKind
from notes.services.basing import ConsentMissing, find_basis
from practice.cast import Person
from tests.cast import Cast, ClientPerson, sign_consent
from tests.conftest import SignIn
from tests.consent.pages import Reader, agree, answer_all, fields, text_of
from tests.consent.rows import kept_of

TEXT = "Does the other one hear of this?"


def ready(reader: Reader) -> Reader:
    agree(reader)
    answer_all(reader)
    return reader


def basis_of(client: ClientPerson, therapist: Person) -> UUID | None:
    """Return the signature that a session note of now would rest on."""
    by, now = therapist.as_(Role.THERAPIST), timezone.now()
    record = find_client(by=by, client_id=client.client_id)
    return find_basis(by=by, client=record, kind=NoteKind.SESSION, session_at=now, at=now).consent


class TestSigning:
    def test_each_has_a_receipt_and_a_copy_of_its_own(self, here: Reader, there: Reader, cast: Cast):
        for reader in (here, there):
            assert ready(reader).sign()["Location"] == reader.at("receipt/")
        forms = {form.client_id: form.reference for form in SignedForm.objects.all()}
        assert len(set(forms.values())) == 2
        for reader, other, therapist in ((here, there, "Dana Whitlock"), (there, here, "Samuel Okafor")):
            receipt, file = text_of(reader.get("receipt/")), reader.get("receipt/file/")
            assert forms[reader.client.client_id] in receipt
            assert forms[other.client.client_id] not in receipt
            facts = json.loads(b64decode(json.loads(file.content)["payload"]))
            assert facts["subject"]["id"] == str(reader.client.client_id)
            assert [person["name"] for person in facts["therapists"]] == [therapist]
            assert (facts["reference"], facts["prev"]) == (forms[reader.client.client_id], None)

    def test_lets_each_therapist_write_about_their_own(self, there: Reader, cast: Cast, second: ClientPerson):
        ready(there).sign()
        assert basis_of(second, cast.sam) == SignedForm.objects.get().event_id
        with pytest.raises(ConsentMissing):
            basis_of(cast.robin, cast.dana)

    @pytest.mark.parametrize("confirmed", ["nobody", "robin", "second"])
    def test_both_stay_readable_whichever_certificate_came_last(
        self, cast: Cast, request: pytest.FixtureRequest, confirmed: str
    ):
        """The one key is certified for two records: a signature counts for the record that it is about."""
        sign_consent(cast.robin)
        second: ClientPerson = request.getfixturevalue("second")
        sign_consent(second)
        therapists = {cast.robin: cast.dana, second: cast.sam}
        for client, therapist in therapists.items():
            if client is {"robin": cast.robin, "second": second}.get(confirmed):
                confirm_identity(by=therapist.as_(Role.THERAPIST), client=client.record, at=timezone.now())
        for client, therapist in therapists.items():
            assert basis_of(client, therapist) == SignedForm.objects.get(client=client.client_id).event_id
            for by in (client.person.as_(Role.CLIENT), therapist.as_(Role.THERAPIST)):
                record = find_client(by=by, client_id=client.client_id)
                signed = look_at_record(by=by, client=record, at=timezone.now())
                assert signed.facts["subject"]["id"] == str(client.client_id)


class TestWhatHappensInOne:
    """Nothing of it shows in the other, or changes a row of it."""

    @pytest.fixture(autouse=True)
    def _both_begun(self, here: Reader, there: Reader):
        for reader in (here, there):
            agree(reader)

    def test_a_question(self, here: Reader, there: Reader, cast: Cast, second: ClientPerson, signed_in: SignIn):
        before = kept_of(second)
        here.post("questions/", {**fields(here.get("questions/")), "about": "other", "text": TEXT})
        here.post("2/ask/", {**fields(here.get("2/"), 1), "text": TEXT})
        assert text_of(here.get("questions/")).count(TEXT) == 2
        for step in ("questions/", "2/"):
            assert TEXT not in text_of(there.get(step))
        sam = signed_in(cast.sam)
        assert TEXT not in text_of(sam.get(f"/clients/{second.client_id}/questions/"))
        assert "question waiting" not in text_of(sam.get("/today/"))
        assert kept_of(second) == before

    def test_an_answer_and_a_mark(self, here: Reader, there: Reader, cast: Cast, second: ClientPerson):
        before = kept_of(second)
        for number in range(1, 11):
            here.post(f"{number}/", {**fields(here.get(f"{number}/")), "answer": "to_discuss"})
        assert here.get("check/").status_code == 200
        assert there.get("check/")["Location"] == there.at("1/")
        assert "checked" not in text_of(there.get("1/"))
        for therapist, client, marks in ((cast.dana, cast.robin, 10), (cast.sam, second, 0)):
            by = therapist.as_(Role.THERAPIST)
            seen = look_for_marks(by=by, clients=[client.record], at=timezone.now())
            assert len(seen.get(client.client_id, ())) == marks
        assert kept_of(second) == before

    def test_the_wish_for_paper(self, here: Reader, there: Reader, second: ClientPerson):
        before = kept_of(second)
        here.post("paper/", fields(here.get("paper/")))
        assert "You asked for this form on paper" in text_of(here.get("paper/"))
        assert "You asked for this form on paper" not in text_of(there.get("paper/"))
        assert kept_of(second) == before

    def test_a_no(self, here: Reader, there: Reader, second: ClientPerson):
        before = kept_of(second)
        here.post("not-now/", {**fields(here.get("not-now/")), "reason": TEXT})
        assert "You have not signed" in text_of(here.get("not-now/"))
        assert "You have not signed" not in text_of(there.get("not-now/"))
        assert kept_of(second) == before

    def test_taking_a_signature_back(self, here: Reader, there: Reader, cast: Cast, second: ClientPerson):
        for reader in (here, there):
            answer_all(reader)
            reader.sign()
        before = kept_of(second)
        typed = {"reason": TEXT, "passphrase": cast.robin.person.passphrase}
        here.post("take-back/", {**fields(here.get("take-back/")), **typed})
        standings = [state_of(client=one.record, at=timezone.now()).state.status for one in (cast.robin, second)]
        assert standings == [Status.WITHDRAWN, Status.SIGNED]
        assert "You took this signature back" in text_of(here.get("receipt/"))
        assert "You signed. Your copy is below." in text_of(there.get("receipt/"))
        assert kept_of(second) == before

    def test_who_looked(self, here: Reader, there: Reader, cast: Cast, signed_in: SignIn):
        signed_in(cast.dana).get(f"/clients/{cast.robin.client_id}/")
        signed_in(cast.sam).get(f"/clients/{there.client.client_id}/")
        for reader, therapist, other in ((here, "Dana Whitlock", "Samuel"), (there, "Samuel Okafor", "Dana")):
            looks = text_of(reader.get(reader.looks))
            assert f"{therapist}</strong> (therapist) opened your page" in looks
            assert other not in looks
        # That one looked is written down where one looked.
        for reader in (here, there):
            handle = Client.objects.get(pk=reader.client.client_id).audit_handle
            about = EntrySubject.objects.filter(handle=handle).values("entry_id")
            assert Entry.objects.filter(action=Act.LOG_VIEWED_OWN, pk__in=about).count() == 1

    def test_each_page_says_with_whom_and_names_nobody_else(self, here: Reader, there: Reader):
        steps = ["", "1/", "questions/", "paper/", "not-now/", "take-back/"]
        for reader, therapist, other in ((here, "Dana", "Samuel"), (there, "Samuel", "Dana")):
            for address in (*steps, reader.looks):
                page = text_of(reader.get(address))
                assert f'<p class="label">With {therapist}' in page, address
                assert other not in page, address
                assert "<title>Your page</title>" in page


class TestAForm:
    """The address says which record is meant; a form that was used for one is none for the other."""

    @pytest.fixture(autouse=True)
    def _both_begun(self, here: Reader, there: Reader):
        for reader in (here, there):
            agree(reader)

    def test_of_one_sent_to_the_other_is_refused_once_it_was_used(self, here: Reader, there: Reader):
        form = {**fields(here.get("questions/")), "about": "other", "text": TEXT}
        here.post("questions/", form)
        before = kept_of(there.client)
        assert there.post("questions/", form).status_code == 404
        assert kept_of(there.client) == before
        refusal = Entry.objects.latest("pk")
        assert (refusal.action, refusal.obj_id) == (Act.ACCESS_REFUSED, there.client.client_id)

    def test_that_was_not_used_touches_the_record_of_the_address_alone(self, here: Reader, there: Reader):
        form, before = fields(here.get("paper/")), kept_of(here.client)
        there.post("paper/", form)
        assert kept_of(here.client) == before
        assert "You asked for this form on paper" in text_of(there.get("paper/"))

    def test_of_one_signature_signs_no_other(self, here: Reader, there: Reader):
        for reader in (here, there):
            answer_all(reader)
        typed = {
            **fields(here.get("sign/")),
            "name": here.client.name,
            "passphrase": here.client.person.passphrase,
        }
        assert here.post("sign/", typed)["Location"] == here.at("receipt/")
        before = kept_of(there.client)
        assert there.post("sign/", typed).status_code == 404
        assert kept_of(there.client) == before
        assert SignedForm.objects.get().client_id == here.client.client_id

    def test_whose_parts_are_done_in_the_other_alone_signs_nothing(self, here: Reader, there: Reader):
        answer_all(here)
        form = fields(here.get("sign/"))
        typed = {"name": here.client.name, "passphrase": here.client.person.passphrase}
        assert there.post("sign/", {**form, **typed})["Location"] == there.at("check/")
        assert not SignedForm.objects.exists()

    def test_of_one_act_is_none_for_another_act(self, here: Reader, cast: Cast):
        form = fields(here.get("paper/"))
        here.post("paper/", form)
        assert here.post("not-now/", {**form, "reason": ""}).status_code == 404
        assert not Event.objects.filter(kind=EventKind.DECLINED).exists()
