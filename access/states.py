"""How far an account has come."""

from django.db.models import TextChoices


class State(TextChoices):
    """From the first passphrase to the end."""

    ENROLLING = "enrolling"  # has keys, no second factor yet
    WAITING = "waiting"  # staff: enrolled, not yet confirmed by voice
    ACTIVE = "active"
    ENDED = "ended"
