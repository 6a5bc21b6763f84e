"""Who somebody is while acting. A person may hold several roles and acts in one at a time."""

from enum import StrEnum


class Role(StrEnum):
    """The first four are given to people; the others are what an unfinished account may act as."""

    THERAPIST = "therapist"
    MANAGER = "manager"
    AUDITOR = "auditor"
    CLIENT = "client"
    ENROLLING = "enrolling"
    WAITING = "waiting"
    RETURNING = "returning"  # has a recovery code or a second factor to set up anew


STAFF_ROLES = (Role.THERAPIST, Role.MANAGER, Role.AUDITOR)
STAFF_CHOICES = [
    (Role.THERAPIST.value, "Therapist\nKeeps the records of the clients in their care"),
    (Role.MANAGER.value, "Manager\nInvites people, sets who cares for whom, reviews the log; never reads records"),
    (Role.AUDITOR.value, "Auditor\nReads the access log, nothing else"),
]
