"""The record for programs: valid FHIR, whose references all lead somewhere."""

import base64
from datetime import date

import pytest
from django.utils import timezone
from fhir.resources.R4B.bundle import Bundle

from practice.exporting.purposes import OwnBasis
from practice.exporting.service import export_own_notes
from practice.paper.printing import Press
from tests.notes.conftest import CANARY
from tests.practice.exporting.conftest import bundle_in, resources_in

pytestmark = pytest.mark.usefixtures("no_press")


def references_in(value):
    match value:
        case {"reference": str(reference)}:
            yield reference
        case dict():
            for one in value.values():
                yield from references_in(one)
        case list():
            for one in value:
                yield from references_in(one)


class TestTheBundle:
    def test_is_valid_and_every_reference_resolves(self, full):
        packed = full.export()
        bundle = bundle_in(packed)
        # R4B, 4.3: all resources used here are those of R4, 4.0.1.
        Bundle.model_validate(bundle)
        addresses = [entry["fullUrl"] for entry in bundle["entry"]]
        assert len(set(addresses)) == len(addresses)
        assert set(references_in(bundle)) <= set(addresses)
        kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
        assert kinds == {
            *("Composition", "Patient", "Organization", "Practitioner", "DocumentReference", "QuestionnaireResponse"),
            *("Observation", "Consent", "Provenance", "AuditEvent"),
        }
        assert bundle["entry"][0]["resource"]["resourceType"] == "Composition"

    def test_says_what_the_record_says(self, full):
        packed = full.export()
        note, _ = resources_in(packed, "DocumentReference")
        assert CANARY in base64.b64decode(note["content"][0]["attachment"]["data"]).decode()
        [total] = resources_in(packed, "Observation")
        assert (total["valueInteger"], total["code"]["coding"][0]["code"]) == (9, "44261-6")
        [filled] = resources_in(packed, "QuestionnaireResponse")
        assert [item["answer"][0]["valueCoding"]["extension"][0]["valueDecimal"] for item in filled["item"]][3] == 3
        [patient] = resources_in(packed, "Patient")
        assert patient["name"] == [{"text": "Robin Marlowe"}]
        [consent] = resources_in(packed, "Consent")
        assert consent["status"] == "active"
        assert "provision" not in consent

    def test_of_process_notes_holds_them_alone_and_says_what_they_are(self, full):
        by, client, now = full.desk.by, full.desk.client, timezone.now()
        basis, dated = OwnBasis.AUTHORISED, date(2026, 11, 3)
        with Press() as press:
            packed = export_own_notes(by=by, client=client, basis=basis, dated=dated, press=press, at=now)
        Bundle.model_validate(bundle_in(packed))
        [note] = resources_in(packed, "DocumentReference")
        assert note["id"] == str(full.process.pk)
        assert "PSYTHPN" in [label["coding"][0]["code"] for label in note["securityLabel"]]
        kinds = {entry["resource"]["resourceType"] for entry in bundle_in(packed)["entry"]}
        assert kinds == {"Composition", "Patient", "Organization", "Practitioner", "DocumentReference"}
