"""Names show all they hold, and phones can be called."""

import pytest
from django.core.exceptions import ValidationError
from django.forms import Field

from access.fields import PhoneField, VisibleField
from access.forms import InviteStaffForm, SettingsForm
from clients.forms import ContactForm
from practice.setting_up import WantedForm

pytestmark = pytest.mark.once


def takes(field: Field, typed: str) -> bool:
    try:
        field.clean(typed)
    except ValidationError:
        return False
    return True


class TestAName:
    @pytest.mark.parametrize("name", ["Zoë", "José Martínez-O’Neill", "李小龍", "مريم", "می‌خواهم", "क्‍ष"])
    def test_may_be_of_any_script(self, name):
        assert takes(VisibleField(), name)

    @pytest.mark.parametrize(
        "hidden",
        [
            "\x07",
            "\xad",
            "\u061c",
            "\u200b",
            "\u200e",
            "\u200f",
            "\u202e",
            "\u2066",
            "\u2800",
            "\u3164",
            "\ufeff",
            "\U000e0041",
        ],
    )
    def test_holds_nothing_that_nobody_sees(self, hidden):
        assert not takes(VisibleField(), f"Robin{hidden}Marlowe")

    @pytest.mark.parametrize("blank", ["\u200d" * 40, "\u200c", "\ufe0f" * 3, "\u0301", "...", "\u2800" * 40])
    def test_is_no_row_of_signs_that_says_nothing(self, blank):
        assert not takes(VisibleField(), blank)

    def test_may_be_left_out_where_the_form_allows_it(self):
        assert takes(VisibleField(required=False), "")

    @pytest.mark.parametrize(
        "field",
        [
            ContactForm.base_fields["name"],
            ContactForm.base_fields["phone"],
            InviteStaffForm.base_fields["name"],
            SettingsForm.base_fields["crisis_line"],
            WantedForm.base_fields["name"],
            WantedForm.base_fields["practice_name"],
        ],
    )
    def test_is_held_to_it_wherever_it_is_typed(self, field):
        assert not takes(field, "555 01\u202e00")


class TestAReason:
    """A line with a least length."""

    @pytest.mark.parametrize("line", ["She died on Sunday.!", "क्ष" * 10, "Zoë’s sister called me"])
    def test_is_as_long_as_it_looks(self, line):
        assert takes(VisibleField(min_length=20), line)

    @pytest.mark.parametrize("line", ["x" * 19, "x" + "\u200d" * 40, "x" + "\u0301" * 40, "x" + " " * 40 + "x"])
    def test_is_not_made_longer_by_what_nobody_sees(self, line):
        assert not takes(VisibleField(min_length=20), line)

    def test_that_is_too_short_is_told_so_once(self):
        with pytest.raises(ValidationError) as refused:
            VisibleField(min_length=20).clean("too short")
        assert [error.code for error in refused.value.error_list] == ["min_length"]


class TestAPhone:
    @pytest.mark.parametrize(
        "phone",
        ["911", "555 0100", "+1 (555) 010-0100", "555.010.0100", "030/1234-0", "555 0100 ext. 12", "*67 5550100"],
    )
    def test_is_taken_as_people_write_it(self, phone):
        assert takes(PhoneField(), phone)

    @pytest.mark.parametrize("phone", ["call the moon", "55", "555 0100 or so", "+", "5-5", "555\u200b0100", "1" * 41])
    def test_is_refused_where_nobody_could_call_it(self, phone):
        assert not takes(PhoneField(), phone)
