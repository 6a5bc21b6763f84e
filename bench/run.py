"""One run: make the scene on both sides, serve both, measure, print."""

import os
import subprocess
import sys
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from bench import report
from bench.house import House, make_house
from bench.measuring import WARM_UP, Side, measure, watch_memory
from bench.rotation import measure_rotation
from bench.servers import serve


def run(folder: Path, *, twin_url: str, runs: int) -> None:
    """Measure on the databases given and print both tables.

    :param folder: for what the servers write
    :param runs: how often each page is asked, after the warm-up
    """
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    house = make_house(signatures=WARM_UP + runs)
    twin = {"DATABASE_URL": twin_url, "DJANGO_SETTINGS_MODULE": "bench.twin.settings"}
    _fill_twin(house, twin)
    vendor = connection.vendor
    with (
        serve({}, vendor=vendor, log=folder / "house.log") as ours,
        serve(twin, vendor=vendor, log=folder / "twin.log") as theirs,
    ):
        sides = Side(ours, house), Side(theirs, house)
        results = measure(house, sides, runs=runs)
        memory = [watch_memory(house, side) for side in sides]
    print(f"{connection.display_name}: {runs} times each, in turns, after {WARM_UP} to warm up; medians\n")
    costs = measure_rotation(house)
    print("\n".join([*report.speed(results), "", *report.memory(*memory), "", *report.rotation(costs)]))


def _fill_twin(house: House, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "bench.fill_twin"],
        env={**os.environ, **environment},
        input=house.scene.to_json(),
        text=True,
        check=True,
    )
