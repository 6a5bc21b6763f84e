"""The access matrix: what `practice/policy.py` and the address tree say together, as a page that people review."""

from collections.abc import Iterator

from practice.checks import resolved_views
from practice.policy import POLICY, Row

HEAD = """# Access matrix

Who may open which page. Written by `python manage.py access_matrix --write` from `practice/policy.py` and the
addresses; `--check` compares, and a test asks every view as every role. A loosened row shows here as a diff.

*Record*: what the address names and the asker must hold besides the role; else the answer is the 404 of what does not
exist. *Fresh*: asks for the passphrase unless it was given in the last ten minutes.

| Address | View | Who | Record | Fresh |
| --- | --- | --- | --- | --- |
"""


def write_matrix() -> str:
    """Write the whole page, in the order of the addresses."""
    return HEAD + "".join(f"| {' | '.join(cells)} |\n" for cells in _lines())


def _lines() -> Iterator[tuple[str, ...]]:
    for address, name in sorted((address, name) for name, address in resolved_views()):
        row = POLICY.get(name)
        yield (f"`/{address}`", f"`{name}`", _who(row), _record(row), "yes" if row and row.fresh else "")


def _who(row: Row | None) -> str:
    if row is None:
        return "nobody"
    if row.first_run:
        return "everybody with the code, while there is no practice; then nobody"
    return "everybody, signed out too" if row.is_public else ", ".join(row.roles)


def _record(row: Row | None) -> str:
    return row.record.value if row and row.record else ""
