"""Why somebody looks, by the role they look in: what the log keeps and the client is told."""

from access.acting import Actor
from access.roles import Role
from audit.acts import Purpose


def purpose_of(by: Actor) -> Purpose:
    """Say why a person in this role opens a client's page."""
    match by.role:
        case Role.THERAPIST:
            return Purpose.TREATMENT
        case Role.CLIENT:
            return Purpose.CLIENT_REQUEST
        case _:
            return Purpose.OPERATIONS
