"""One more thing that can have happened: a client signed before, elsewhere. What stands there fits as it is."""

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from audit.append_only import Ends, PutUp, SealedAnew, TakenDown
from audit.guards.tables import Ending

_DESTROYED = Ending("clients_tombstone", "client_id")
_EVENTS = Ends(SealedAnew("consent_event", unique_columns=("id", "nonce"), columns=("sealed_detail",)), _DESTROYED)
# Its guard asks the table of events, and stands in the way while SQLite remakes that.
_REASONS = Ends(
    SealedAnew(
        "consent_emergencyreason", unique_columns=("event_id",), columns=("sealed_reason", "sealed_manager_line")
    ),
    Ending("clients_tombstone", "client_id", through=("event_id", "consent_event")),
)
_KINDS = [
    *("answered", "choice_revoked", "choice_set", "copy_sent", "cosigned", "declined", "discussed", "esign_consented"),
    *("expired", "invited", "opened", "override_closed", "override_opened", "paper_asked", "paper_dropped"),
    *("paper_recorded", "question_asked", "reauthenticated", "reviewed", "sealed", "section_done", "signed"),
    *("signed_elsewhere", "superseded", "voided", "withdrawn"),
]
_END = ["override_opened", "signed_elsewhere"]


def _instead(name: str, condition: models.Q) -> list[Operation]:
    constraint = models.CheckConstraint(condition=condition, name=name)
    return [migrations.RemoveConstraint("event", name), migrations.AddConstraint("event", constraint)]


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_ends_with_its_client")]

    operations = [
        TakenDown(_REASONS),
        TakenDown(_EVENTS),
        *_instead("consent_event_kind_known", models.Q(kind__in=_KINDS)),
        *_instead(
            "consent_event_until_fits",
            models.Q(until=None)
            | models.Q(kind__in=["override_opened", "signed_elsewhere", "superseded"], until__gte=models.F("at")),
        ),
        *_instead("consent_event_override_ends", ~models.Q(kind__in=_END) | models.Q(until__isnull=False)),
        PutUp(_EVENTS),
        PutUp(_REASONS),
    ]
