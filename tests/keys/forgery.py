"""Keys that somebody plants who writes the database."""

from keys.kdf import expand
from keys.models import Grant
from keys.registry import Label
from keys.services.generations import grant_info, statement_of
from keys.services.vaults import make_vault
from keys.wrapping import wrap
from tests.keys.house import AT, generation_of, grant_of


def planted(victim, grant, key=bytes(32)):
    """Wrap a key that a forger knows to the victim, for the very place of this grant."""
    kem_public = victim.seeds.kem_public
    return wrap(
        key, to=kem_public, info=grant_info(victim.root_id, grant.vault_id, grant.generation, victim.key_id, kem_public)
    )


def forge(place, *, victim, forger, cert_hash):
    """Write a first generation that a forger signed, whose key they know and the victim is to believe."""
    make_vault(by=victim, place=place, at=AT)
    row, grant = generation_of(place), grant_of(place, victim)
    row.commit, row.maker, row.maker_cert_hash = expand(bytes(32), Label.COMMIT), forger.key_id, cert_hash
    row.signature = forger.sign(statement_of(place, row).encode())
    row.save()
    Grant.objects.filter(pk=grant.pk).update(wrap=planted(victim, grant))
