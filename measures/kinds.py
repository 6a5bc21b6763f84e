"""The few fixed words that questionnaires are sorted by."""

from enum import StrEnum, unique


@unique
class Way(StrEnum):
    """How a questionnaire came to its end."""

    ALONE = "alone"  # the client sent it
    TOGETHER = "together"  # therapist and client filled it in, in one room
    AS_IT_STOOD = "as_it_stood"  # the client had not sent it, and a therapist could not wait
