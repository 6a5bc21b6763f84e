"""Two people at the same moment: one of them makes the next key, and both go on with it."""

import threading
from uuid import uuid4

import pytest
from django.db import connection, transaction

from keys.models import Certificate, Generation, Grant, Identity, Root, Vault
from keys.services import Place, VaultKind, flag_rotation, make_vault, open_vault, turn_key
from tests.keys.house import AT, DAY, House, vouched

_MADE = (Grant, Generation, Vault, Certificate, Identity, Root)


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A database without a transaction round the test; what the test made is taken away afterwards."""
    with django_db_blocker.unblock():
        before = {model: set(model.objects.values_list("pk", flat=True)) for model in _MADE}
        yield
        for model in _MADE:
            model.objects.exclude(pk__in=before[model]).delete()


def test_turn_a_key_once(committed):
    house = House()
    house.found()
    dana, sam, place = house.staff(), house.staff(), Place(VaultKind.RECORD, uuid4())
    make_vault(by=dana, place=place, readers=[vouched(house, sam)], at=AT)
    flag_rotation(places=[place], at=AT)
    start, found = threading.Barrier(2), []

    def turn(person):
        start.wait(timeout=30)
        try:
            with transaction.atomic():
                found.append(turn_key(by=person, place=place, at=AT + DAY).generation)
        finally:
            connection.close()

    threads = [threading.Thread(target=turn, args=(person,)) for person in (dana, sam)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert found == [2, 2]
    assert Generation.objects.filter(vault__subject=place.subject).count() == 2
    assert open_vault(by=dana, place=place).key(2) == open_vault(by=sam, place=place).key(2)
