"""Searches as tests begin them, and what they come back with."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from notes.matching import read_query
from notes.searched import FoundOf, Wanted
from notes.services.searching import Search, begin_search
from tests.notes.conftest import Desk


def search(desk: Desk, words: str, **narrowed: Any) -> tuple[Search, list[FoundOf]]:
    """Search to the end; the search comes back with what was found."""
    begun = begin_search(by=desk.by, wanted=Wanted(read_query(words), **narrowed), at=timezone.now())
    return begun, list(begun)


def found(desk: Desk, words: str, **narrowed: Any) -> set[UUID]:
    """Search, and say what was found by id."""
    _, records = search(desk, words, **narrowed)
    return {one.written.pk for record in records for one in record.found}
