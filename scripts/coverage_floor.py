"""Hold the coverage floors over both runs of the suite; `make coverage` after `make test ARGS=--coverage`."""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coverage import Coverage
from coverage.exceptions import CoverageException

# Where a line that no test runs could open a record: every line and every branch.
GUARDED = ("*/services.py", "*/services_*.py", "*/services/*.py", "keys/**/*.py", "audit/**/*.py", "practice/gate.py")
FLOOR_ELSEWHERE = 95.0


@dataclass(frozen=True)
class Module:
    """One module's coverage; lines and branches count alike."""

    path: str
    covered: int
    total: int
    missing: str

    @property
    def is_guarded(self) -> bool:
        # "**" of an older pathlib wants a folder between; the plain star is the file directly below.
        patterns = (*GUARDED, *(pattern.replace("/**", "") for pattern in GUARDED))
        return any(Path(self.path).match(pattern) for pattern in patterns)


def read_modules() -> list[Module]:
    """Sum up the measurements of both runs.

    :raises CoverageException: nothing was measured
    """
    coverage = Coverage()
    coverage.combine(keep=True)
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        coverage.json_report(outfile=report.name)
        files = json.loads(Path(report.name).read_bytes())["files"]
    return [_read_module(path, entry) for path, entry in sorted(files.items())]


def _read_module(path: str, entry: dict[str, Any]) -> Module:
    summary = entry["summary"]
    lines = [str(line) for line in entry["missing_lines"]]
    branches = [f"{start}→{end if end > 0 else 'exit'}" for start, end in entry["missing_branches"]]
    return Module(
        path=path,
        covered=summary["covered_lines"] + summary["covered_branches"],
        total=summary["num_statements"] + summary["num_branches"],
        missing=", ".join(lines + branches),
    )


def percent_of(modules: list[Module]) -> float:
    """Return the covered share, 100 where there is nothing to cover."""
    total = sum(module.total for module in modules)
    return 100 * sum(module.covered for module in modules) / total if total else 100.0


def judge(modules: list[Module]) -> list[str]:
    """Name each floor that is not held."""
    guarded = [module for module in modules if module.is_guarded]
    elsewhere = percent_of([module for module in modules if not module.is_guarded])
    faults = [f"{module.path} must be covered whole" for module in guarded if module.missing]
    if elsewhere < FLOOR_ELSEWHERE:
        faults.append(f"the other modules reach {elsewhere:.1f} %, below {FLOOR_ELSEWHERE:g} %")
    return faults


def main() -> int:
    """Print what no test runs and return 1 if a floor is not held."""
    try:
        modules = read_modules()
    except CoverageException as nothing:
        print(f"{nothing}. Measure first: make test ARGS=--coverage", file=sys.stderr)
        return 1
    for module in modules:
        if module.missing:
            print(f"{percent_of([module]):5.1f} %  {module.path}: {module.missing}")
    faults = judge(modules)
    print("\n".join([f"All modules together: {percent_of(modules):.1f} %", *faults]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
