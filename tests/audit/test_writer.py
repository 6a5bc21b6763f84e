import json
import os
import threading
from itertools import chain
from typing import Any

import pytest
from django.db import connection, transaction

from audit.acts import Act
from audit.services import record
from audit.writer import WRITER, Writer
from tests.audit.cast import AT


def sign(writer: Writer) -> Any:
    with transaction.atomic():
        return writer.sign()


def sign_and_roll_back(writer: Writer) -> None:
    with transaction.atomic():
        writer.sign()
        transaction.set_rollback(True)


class TestWriter:
    def test_counts_its_entries(self, committed):
        writer = Writer()
        first, second = sign(writer), sign(writer)
        assert first[0] == second[0]
        assert (first[1:], second[1:]) == ([1], [2])

    def test_declares_a_rolled_back_number_void_once(self, committed):
        writer = Writer()
        sign_and_roll_back(writer)
        assert [sign(writer)[1:], sign(writer)[1:]] == [[2, [1]], [3]]

    def test_declares_a_number_void_whose_savepoint_was_rolled_back(self, committed):
        writer = Writer()
        with transaction.atomic():
            sign_and_roll_back(writer)
            assert writer.sign()[1:] == [2, [1]]

    def test_does_not_declare_void_what_may_still_be_committed(self, committed):
        writer = Writer()
        with transaction.atomic():
            writer.sign()
            assert writer.sign()[1:] == [2]

    def test_declares_again_what_was_declared_in_vain(self, committed):
        writer = Writer()
        sign_and_roll_back(writer)
        sign_and_roll_back(writer)
        assert sign(writer)[1:] == [3, [1, 2]]

    def test_spreads_many_voids_over_several_entries(self, committed):
        writer = Writer()
        with transaction.atomic():
            for _ in range(100):
                writer.sign()
            transaction.set_rollback(True)
        declared = [sign(writer)[2], sign(writer)[2]]
        assert [len(voids) for voids in declared] == [64, 36]
        assert sorted(chain(*declared)) == list(range(1, 101))

    def test_never_gives_two_threads_the_same_number(self, db, monkeypatch):
        monkeypatch.setattr("audit.writer.transaction.on_commit", lambda settle: settle())
        writer = Writer()
        numbers: list[Any] = []

        def many() -> None:
            numbers.extend(writer.sign()[1] for _ in range(200))
            connection.close()

        threads = [threading.Thread(target=many) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(numbers) == list(range(1, 801))

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
    def test_takes_another_name_in_a_forked_process(self, db):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, WRITER._name.encode())
            os._exit(0)
        os.waitpid(child, 0)
        assert os.read(reading, 16).decode() != WRITER._name
        os.close(reading)
        os.close(writing)


class TestAnEntry:
    def test_bears_the_name_and_number_of_its_writer(self, db, therapist):
        one, two = (json.loads(bytes(record(Act.SIGNED_IN, by=therapist, at=AT).body))["w"] for _ in range(2))
        assert one[0] == two[0]
        assert two[1] == one[1] + 1
