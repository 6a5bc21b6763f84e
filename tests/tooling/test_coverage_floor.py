"""The coverage floors: whole where a record could be opened, 95 % elsewhere."""

import pytest

from scripts.coverage_floor import Module, judge

pytestmark = pytest.mark.once


def make_module(path: str, *, covered: int, total: int = 100) -> Module:
    return Module(path=path, covered=covered, total=total, missing="" if covered == total else "7")


class TestJudge:
    @pytest.mark.parametrize(
        "path",
        [
            "notes/services.py",
            "notes/services_drafts.py",
            "keys/services/vaults.py",
            "keys/sealing.py",
            "audit/tree/proofs.py",
            "practice/gate.py",
        ],
    )
    def test_wants_every_line_where_a_record_could_open(self, path):
        assert judge([make_module(path, covered=99)]) == [f"{path} must be covered whole"]

    def test_takes_the_other_modules_together(self):
        assert judge([make_module("notes/views.py", covered=90), make_module("notes/forms.py", covered=100)]) == []

    def test_says_how_far_the_others_are_from_their_floor(self):
        assert judge([make_module("notes/views.py", covered=94)]) == ["the other modules reach 94.0 %, below 95 %"]

    def test_does_not_let_guarded_modules_pull_the_others_up(self):
        modules = [make_module("keys/sealing.py", covered=900, total=900), make_module("notes/views.py", covered=94)]
        assert judge(modules) == ["the other modules reach 94.0 %, below 95 %"]
