"""The real Argon2id, without the suite's memory: many at once, how long, and who is answered before it runs."""

import fcntl
import multiprocessing
import statistics
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import timezone

from access.models import User
from access.services.signing_in import Proof, SignInRefused, check_split, sign_in
from access.services.throttling import PER_ADDRESS, Throttled, count_try
from audit.actors import Nobody, Origin
from keys import kdf
from keys.kdf import SLOTS, Parameters, argon2id

FORK = multiprocessing.get_context("fork")
VISITOR = Nobody(Origin())


@pytest.fixture(autouse=True)
def real_derivation(settings):
    settings.KEYS_DERIVE = "keys.kdf.argon2id"


@pytest.fixture
def places(settings, tmp_path):
    """The two places in a folder of their own, so that nobody else's derivations are counted."""
    settings.RUN_DIR = tmp_path
    return tmp_path


def taken(folder: Path) -> int:
    """Count the places that are held just now, by trying them."""
    count = 0
    for place in folder.glob("argon2.*"):
        with place.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                count += 1
    return count


class Watched:
    """Stands round the real derivation and counts, over threads and forked processes, how many run at once."""

    def __init__(self, real):
        self.real, self.running, self.most = real, FORK.Value("i", 0), FORK.Value("i", 0)

    def __call__(self, **given):
        derivation = self.real(**given)

        class Counted:
            def derive(_, secret):  # noqa: N805 (`self` is the watcher)
                with self.running.get_lock():
                    self.running.value += 1
                    self.most.value = max(self.most.value, self.running.value)
                try:
                    return derivation.derive(secret)
                finally:
                    with self.running.get_lock():
                        self.running.value -= 1

        return Counted()


@pytest.fixture
def watched(places, monkeypatch):
    watched = Watched(kdf.Argon2id)
    monkeypatch.setattr(kdf, "Argon2id", watched)
    return watched


def derive_in_a_process(n, queue):
    queue.put(argon2id(f"passphrase {n}".encode(), Parameters(bytes(16))))


class TestEightAtOnce:
    def test_in_threads_all_finish_two_at_a_time(self, cast, places, watched):
        user, found = User.objects.get(pk=cast.dana.user.pk), []
        threads = [
            threading.Thread(target=lambda: found.append(check_split(user, cast.dana.passphrase))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert len(found) == 8
        assert all(found)
        assert watched.most.value == SLOTS
        assert taken(places) == 0

    @pytest.mark.once
    def test_in_processes_all_finish_two_at_a_time(self, places, watched):
        queue = FORK.Queue()
        workers = [FORK.Process(target=derive_in_a_process, args=(n, queue)) for n in range(8)]
        for worker in workers:
            worker.start()
        results = {queue.get(timeout=60) for _ in workers}
        for worker in workers:
            worker.join(timeout=10)
        assert len(results) == 8
        assert watched.most.value == SLOTS
        assert taken(places) == 0


class TestHowLongItTakes:
    def test_tells_nobody_whether_an_address_is_known(self, cast, places):
        """Medians within 15 %, of tries that alternate, so that a busy machine slows both alike."""
        known = Proof(cast.dana.address, "wrong horse battery staple", "000000")
        unknown = replace(known, address="nobody@alder.example")
        for attempt in range(3):
            spent = {known: [], unknown: []}
            for n in range(5):
                for proof in (known, unknown) if n % 2 else (unknown, known):
                    before = time.thread_time()
                    with pytest.raises((SignInRefused, Throttled)) as caught:
                        sign_in(by=VISITOR, proof=proof, at=timezone.now() + attempt * PER_ADDRESS.window)
                    spent[proof].append(time.thread_time() - before)
                    assert caught.type is SignInRefused
            ratio = statistics.median(spent[known]) / statistics.median(spent[unknown])
            if 0.85 < ratio < 1.15:
                return
        pytest.fail(f"a known address takes {ratio:.2f} times as long as an unknown one")


class TestTheThrottle:
    def test_answers_without_argon2(self, cast, places):
        at = timezone.now()
        for _ in range(PER_ADDRESS.tries):
            count_try(PER_ADDRESS, cast.dana.address, at=at)
        with pytest.raises(Throttled):
            sign_in(by=VISITOR, proof=Proof(cast.dana.address, cast.dana.passphrase, "000000"), at=at)
        assert not list(places.iterdir())
