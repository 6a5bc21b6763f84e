"""One run: make the scene on both sides, serve both, measure, print."""

import os
import subprocess
import sys
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from bench import report
from bench.house import House, make_house
from bench.importing import measure_import
from bench.measuring import Side, measure, watch_memory
from bench.rotation import measure_rotation
from bench.searching import measure_search
from bench.servers import serve
from bench.size import Size


def run(folder: Path, *, twin_url: str, size: Size) -> None:
    """Measure on the databases given and print the tables.

    :param folder: for what the servers write
    """
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    house = make_house(size)
    twin = {"DATABASE_URL": twin_url, "DJANGO_SETTINGS_MODULE": "bench.twin.settings"}
    _fill_twin(house, twin)
    vendor = connection.vendor
    with (
        serve({}, vendor=vendor, log=folder / "house.log") as ours,
        serve(twin, vendor=vendor, log=folder / "twin.log") as theirs,
    ):
        sides = Side(ours, house), Side(theirs, house)
        results = measure(house, sides)
        memory = [watch_memory(house, side) for side in sides]
        searching, first = measure_search(house, sides[0])
    print(f"{connection.display_name}: {size.runs} times each, in turns, after {size.warm_up} to warm up; medians\n")
    tables = [
        report.speed(results),
        report.memory(*memory, people=size.staff),
        report.costs("Replacing keys", "Times the primitives", measure_rotation(house)),
        report.costs("Searching", "Times the loop", searching),
        report.costs("Moving in", "Times sealing and inserting", [measure_import(house)]),
        report.costs("Until something is found", "Part of the whole", [first]),
    ]
    print("\n\n".join("\n".join(table) for table in tables))


def _fill_twin(house: House, environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", "bench.fill_twin"],
        env={**os.environ, **environment},
        input=house.scene.to_json(),
        text=True,
        check=True,
    )
