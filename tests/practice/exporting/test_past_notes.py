"""A past note leaves as what it is: imported, of a day, and written by nobody here."""

from datetime import date
from uuid import uuid4

import pytest
from django.utils import timezone
from fhir.resources.R4B.bundle import Bundle

from notes.services.importing import Haul, PastNote, import_notes
from tests.beginnings import beginning
from tests.practice.exporting.conftest import bundle_in, resources_in, text_in
from tests.practice.exporting.test_fhir import references_in

pytestmark = pytest.mark.usefixtures("no_press")


@beginning
def past(full):
    """One of Robin's, beside everything else."""
    notes = [PastNote(full.desk.client.pk, date(2024, 3, 1), "She slept.", "Dr. Before", "Robin/2024-03-01.txt")]
    import_notes(by=full.desk.by, haul=Haul(notes, uuid4()), at=timezone.now())
    return full


class TestAPastNote:
    def test_is_brought_by_somebody_and_written_by_nobody_here(self, past):
        packed = past.export()
        bundle = bundle_in(packed)
        Bundle.model_validate(bundle)
        assert set(references_in(bundle)) <= {entry["fullUrl"] for entry in bundle["entry"]}
        brought = next(one for one in resources_in(packed, "DocumentReference") if "authenticator" in one)
        assert brought["authenticator"]["display"] == "Dana Whitlock"
        assert "author" not in brought
        assert brought["context"]["period"] == {"start": "2024-03-01"}
        assert brought["description"].startswith("Past note, written elsewhere and imported.")

    def test_says_so_in_words(self, past):
        text = text_in(past.export())
        for words in (
            "Past note, 1 March 2024",
            "by Dana Whitlock",
            "not that they wrote it",
            "Dr. Before",
            "She slept.",
        ):
            assert words in text
        assert (
            "12:00" not in text.partition("Past note, 1 March 2024")[2].partition("She slept.")[0].split("Imported")[0]
        )
