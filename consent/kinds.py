"""The few fixed words that texts, events and records are sorted by."""

from collections.abc import Mapping
from enum import StrEnum, unique


@unique
class DocumentKind(StrEnum):
    CONFIDENTIALITY = "confidentiality_consent"
    SCREEN_FORMS = "screen_forms"


@unique
class SectionKind(StrEnum):
    """What a section asks for: `ACK` is law, whether the client agrees or not; `AGREE` is a term of this therapy."""

    ACK = "ack"
    AGREE = "agree"


@unique
class ChangeClass(StrEnum):
    """What a new version means for those who signed the one before."""

    EDITORIAL = "editorial"  # they are told
    MATERIAL = "material"  # they are asked to sign; work goes on
    URGENT = "urgent"  # they are asked to sign before the next session


@unique
class EventKind(StrEnum):
    """Everything that can happen between a client and the text; the list is closed."""

    INVITED = "invited"
    OPENED = "opened"
    ESIGN_CONSENTED = "esign_consented"
    SECTION_DONE = "section_done"
    QUESTION_ASKED = "question_asked"
    ANSWERED = "answered"
    CHOICE_SET = "choice_set"
    REVIEWED = "reviewed"
    REAUTHENTICATED = "reauthenticated"
    SIGNED = "signed"
    COSIGNED = "cosigned"
    # The therapist's tick "we talked about it", for what the client marked as unclear.
    DISCUSSED = "discussed"
    SEALED = "sealed"
    COPY_SENT = "copy_sent"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CHOICE_REVOKED = "choice_revoked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    # The client wants paper instead of the screen; dropped, they go on here after all.
    PAPER_ASKED = "paper_asked"
    PAPER_DROPPED = "paper_dropped"
    PAPER_RECORDED = "paper_recorded"
    # Brought in from an earlier practice or program, with the word of whoever brought it that the client had signed.
    SIGNED_ELSEWHERE = "signed_elsewhere"
    # Of a couple, family or group: everybody who belongs had signed, each in a record of their own.
    ALL_SIGNED = "all_signed"
    OVERRIDE_OPENED = "override_opened"
    OVERRIDE_CLOSED = "override_closed"
    VOIDED = "voided"


# What is said about one section of the text carries only the minute, so that nobody can see who read how fast.
SECTION_EVENTS = frozenset({EventKind.SECTION_DONE, EventKind.QUESTION_ASKED, EventKind.ANSWERED})
# A yes that opens the gate.
SIGNATURES = frozenset({EventKind.SIGNED, EventKind.PAPER_RECORDED})


@unique
class Topic(StrEnum):
    """What a client may ask about besides the limits; sealed with the question, unlike the code of a limit."""

    LOOK = "look"
    OTHER = "other"


@unique
class EmergencyCode(StrEnum):
    """Why a therapist has to write before the client has signed."""

    IMMINENT_HARM = "imminent_harm"
    ABUSE = "abuse"
    ACUTE_CRISIS = "acute_crisis"
    CANNOT_SIGN = "cannot_sign"
    TECHNICAL = "technical"


EMERGENCY_WORDS: Mapping[EmergencyCode, str] = {
    EmergencyCode.IMMINENT_HARM: "Somebody may soon be badly hurt",
    EmergencyCode.ABUSE: "A child or a vulnerable adult may be in danger",
    EmergencyCode.ACUTE_CRISIS: "Acute crisis, with no device at hand to sign on",
    EmergencyCode.CANNOT_SIGN: "The client cannot sign now",
    EmergencyCode.TECHNICAL: "Signing did not work for technical reasons",
}
