"""Somebody of the cast takes other keys, as who fears that their passphrase is known does."""

from django.utils import timezone

from access.acting import Actor
from access.models import User
from access.roles import Role
from access.services.passphrases import Change
from access.services.rekeying import replace_keys
from audit.actors import Origin

NEW = "seven quiet herons over water"


def acting(person, role=Role.THERAPIST):
    return Actor(User.objects.get(pk=person.user.pk), role, person.keys, None, Origin())


def replace(person, *, role=Role.THERAPIST, by=None):
    asked = Change(old=person.passphrase, new=NEW)
    return replace_keys(by=by or acting(person, role), change=asked, browser="", at=timezone.now())
