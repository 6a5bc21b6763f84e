"""How vaults are called at the terminal and on a manager's page."""

from clients.services.naming import codes_of_subjects, known_among
from keys.services import Place, Reach


def name_vaults(places: tuple[Place, ...]) -> list[str]:
    """Say of each vault whose it is: by the client's code, and hidden clients not at all."""
    codes = codes_of_subjects({place.subject for place in places})
    return [f"the {place.kind} vault of client {codes.get(place.subject, 'not named here')}" for place in places]


def leave_out_restricted(reach: Reach) -> Reach:
    """Leave the vaults of those clients out who are kept from managers: on a page a number would tell of them."""
    known = known_among({place.subject for place in (*reach.back, *reach.gone)})
    parts = (reach.back, reach.gone, reach.unsigned)
    return Reach(*(tuple(place for place in places if place.subject in known) for places in parts))
