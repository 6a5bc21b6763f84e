"""The stable codes of the limits of confidentiality: what texts, records and disclosures call them by."""

from enum import StrEnum, unique


@unique
class Limit(StrEnum):
    PRIVACY = "privacy"
    SERIOUS_HARM = "serious_harm"
    ABUSE = "abuse"
    COURT_AND_LAW = "court_and_law"
    PAYMENT = "payment"
    CONSULTATION = "consultation"
    MESSAGES = "messages"
    OTHERS_IN_THERAPY = "others_in_therapy"
    OUTSIDE = "outside"
    YOUR_CHOICES = "your_choices"
