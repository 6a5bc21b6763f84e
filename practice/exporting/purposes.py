"""Why a record leaves the practice, from closed lists: what the log keeps, and the client is told."""

from collections.abc import Mapping
from enum import StrEnum, unique

from audit.acts import Purpose


@unique
class Why(StrEnum):
    """Why a record is put into a file, or on paper."""

    CLIENT_ASKED = "client_asked"
    MOVING_ON = "moving_on"
    LEGAL_DUTY = "legal_duty"
    OWN_FILES = "own_files"

    @property
    def purpose(self) -> Purpose:
        return _PURPOSES[self]

    @property
    def words(self) -> str:
        return WHY_WORDS[self]


@unique
class OwnBasis(StrEnum):
    """What lets somebody hand out notes that are their own and no part of the record."""

    AUTHORISED = "authorised"
    JUDGE_ORDERED = "judge_ordered"
    ACCESS_REQUEST = "access_request"

    @property
    def purpose(self) -> Purpose:
        return Purpose.LEGAL if self is OwnBasis.JUDGE_ORDERED else Purpose.CLIENT_REQUEST

    @property
    def words(self) -> str:
        return OWN_WORDS[self]


WHY_WORDS: Mapping[Why, str] = {
    Why.CLIENT_ASKED: "The client asked for their record",
    Why.MOVING_ON: "Another therapist goes on with the treatment",
    Why.LEGAL_DUTY: "A judge’s order, or another legal duty",
    Why.OWN_FILES: "The practice’s own files",
}
OWN_WORDS: Mapping[OwnBasis, str] = {
    OwnBasis.AUTHORISED: "The client signed an authorisation for these notes alone",
    OwnBasis.JUDGE_ORDERED: "A judge ordered it",
    OwnBasis.ACCESS_REQUEST: "The client asked for access, and the law here makes no exception for such notes",
}
_PURPOSES: Mapping[Why, Purpose] = {
    Why.CLIENT_ASKED: Purpose.CLIENT_REQUEST,
    Why.MOVING_ON: Purpose.TREATMENT,
    Why.LEGAL_DUTY: Purpose.LEGAL,
    Why.OWN_FILES: Purpose.RECORD_MANAGEMENT,
}


def own_bases_in(jurisdiction: str) -> list[OwnBasis]:
    """List what may let process notes out where a practice is.

    :param jurisdiction: as the published text names it, such as "US-NY"
    :source: 45 CFR 164.524(a)(1)(i) and 164.508(a)(2): in the United States access does not reach psychotherapy notes
    """
    has_exception = jurisdiction.partition("-")[0] in ("", "US")
    return [basis for basis in OwnBasis if not (has_exception and basis is OwnBasis.ACCESS_REQUEST)]
