"""How vaults are called at the terminal."""

from clients.services.naming import codes_of_subjects
from keys.services import Place


def name_vaults(places: tuple[Place, ...]) -> list[str]:
    """Say of each vault whose it is: by the client's code, and hidden clients not at all."""
    codes = codes_of_subjects({place.subject for place in places})
    return [f"the {place.kind} vault of client {codes.get(place.subject, 'not named here')}" for place in places]
