"""Who was a reader before readers were signed: taken over once, from rows, under the service's own MAC.

A row that is planted later has none. Once a vault's key is replaced, its readers are signed, and these count no more.
"""

from typing import Any

from keys.services.readers import columns_of, mac_of_adopted
from keys.statements import Cause, ReaderStatement


def adopt_readers(generations: Any, grants: Any, readers: Any) -> None:
    """Write down who holds a grant of a generation that was signed without a list of readers.

    :param generations: rows of ``keys.Generation``, of this version or of that of a migration
    :param grants: rows with a grant's columns, each of one of these generations or of a later one
    :param readers: the manager of ``keys.Reader``
    """
    roots = {(row.vault_id, row.generation): bytes(row.root) for row in generations if not row.readers}
    for grant in grants:
        spot = (grant.vault_id, grant.generation)
        if spot not in roots:
            continue
        statement = ReaderStatement(
            root=roots[spot],
            vault=grant.vault_id,
            generation=grant.generation,
            key_id=bytes(grant.grantee),
            cause=Cause.COVER if grant.expires_at else Cause.GIVEN,
            expires_at=grant.expires_at,
            given_by=b"",
            given_at=grant.granted_at,
        )
        readers.create(**columns_of(statement), signature=mac_of_adopted(statement))
