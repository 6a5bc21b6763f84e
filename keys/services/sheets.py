"""One printed recovery sheet alone: it opens nothing, and shows that somebody holds it.

A set of codes opens the recovery seed, and one code of a set cannot be told from any other by that. So a proof of each
is kept: an HMAC under a key of the service, so that who writes the database cannot plant the proof of a sheet of their
own. A code has 160 random bits: nobody guesses one from its proof, and nothing else can be computed from it.
"""

import hmac

from keys.codes import read_code
from keys.errors import WrongPassphrase
from keys.models import SheetProof
from keys.registry import Label
from keys.services.service_key import service_mac


def keep_proofs(codes: list[str]) -> None:
    """Keep what shows, for each code of a new print, that it is one; those of earlier prints are none any more."""
    SheetProof.objects.all().delete()
    SheetProof.objects.bulk_create(SheetProof(number=n, proof=_proof(code)) for n, code in enumerate(codes, start=1))


def is_on_a_sheet(typed: str) -> bool:
    """Say whether this is one of the practice's printed recovery codes."""
    try:
        proof = _proof(typed)
    except WrongPassphrase:
        return False
    return any(hmac.compare_digest(proof, bytes(row.proof)) for row in SheetProof.objects.all())


def _proof(code: str) -> bytes:
    return service_mac(Label.RECOVERY_SHEET, read_code(code))
