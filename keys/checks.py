"""Whether this version of the program still opens everything that was sealed: no method is retired too early."""

from collections.abc import Sequence

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, transaction

from keys.services.rotating import suites_by_column, suites_of_vaults
from keys.suites import SUITES

WHAT_TO_DO = (
    "Go back to the version before this one. There, texts of records change their method beside the pages of those who "
    "hold the keys, until the page “Keys that are being replaced” says “All”; keys of people do when they change their "
    "passphrase and draw a new recovery code, the printed sheets when they are printed anew. Then update again."
)


def retired_suites_problems() -> list[str]:
    """Look for sealed texts and keys of vaults whose method this version refuses.

    :returns: sentences, none when all is well
    """
    problems = [
        f"{count} texts in {column.model}.{column.column} are sealed with method {suite}, which nothing opens any more."
        for column, counts in suites_by_column()
        for suite, count in sorted(counts.items())
        if not SUITES.is_readable(suite)
    ]
    vaults = sum(count for suite, count in suites_of_vaults().items() if not SUITES.is_readable(suite))
    return problems + ([f"{vaults} parts of records have a key of a method that is retired."] if vaults else [])


@register(Tags.database)
def check_suites(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Refuse to serve while something would be shut; tables that are still to be made or altered hold nothing."""
    if not databases:
        return []
    try:
        with transaction.atomic():
            problems = retired_suites_problems()
    except DatabaseError:
        return []
    return [Error(problem, hint=WHAT_TO_DO, id="keys.E001") for problem in problems]
