"""Each row says what is wrong with it, in plain words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from practice.importing.forms import RowForm

pytestmark = pytest.mark.once

GOOD = {"name": "Ines Moreau", "address": "ines@post.example"}


def problems(**cells):
    form = RowForm({**GOOD, **cells})
    assert not form.is_valid()
    return " ".join(form.problems())


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"name": ""}, "Name: there is none."),
        ({"name": "Ines\u202exuaeroM"}, "without hidden characters"),
        ({"address": "ines@"}, "E-mail address: Please type a whole e-mail address"),
        ({"phone": "later"}, "Phone: Please type a phone number"),
        ({"address": ""}, "There is neither an e-mail address nor a phone number."),
        ({"since": "spring"}, "Since: Please write this day as 2026-11-18."),
        ({"since": "31.02.2024"}, "Since: Please write this day"),
        ({"signed_on": "0023-04-01", "paper": "shelf"}, "Signed elsewhere on: This day cannot be right."),
        ({"signed_on": "2024-04-01"}, "needs both: the day, and where the paper is."),
        ({"paper": "Blue folder"}, "needs both: the day, and where the paper is."),
        ({"reference": "9" * 41}, "Own reference: Please keep this to at most 40 characters"),
    ],
)
def test_says_what_is_wrong(cells, words):
    assert words in problems(**cells)


def test_takes_no_day_to_come():
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert "cannot be right" in problems(signed_on=tomorrow, paper="Blue folder")
    assert "cannot be right" in problems(since=tomorrow)


@pytest.mark.parametrize("day", ["2024-03-04", "03/04/2024", "3/4/24", "4.3.2024", "March 4, 2024", "4 Mar 2024"])
def test_reads_days_as_lists_have_them(day):
    form = RowForm({**GOOD, "since": day})
    assert form.is_valid()
    assert form.contact().since == "2024-03-04"
