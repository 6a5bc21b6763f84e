"""One more thing that can have happened: everybody who comes together had signed. What stands there fits as it is."""

from django.db import migrations, models

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
_NAME = "consent_event_kind_known"
_KINDS = [
    *("all_signed", "answered", "choice_revoked", "choice_set", "copy_sent", "cosigned", "declined", "discussed"),
    *("esign_consented", "expired", "invited", "opened", "override_closed", "override_opened", "paper_asked"),
    *("paper_dropped", "paper_recorded", "question_asked", "reauthenticated", "reviewed", "sealed", "section_done"),
    *("signed", "signed_elsewhere", "superseded", "voided", "withdrawn"),
]


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_signed_elsewhere")]

    operations = [
        TakenDown(_REASONS),
        TakenDown(_EVENTS),
        migrations.RemoveConstraint("event", _NAME),
        migrations.AddConstraint("event", models.CheckConstraint(condition=models.Q(kind__in=_KINDS), name=_NAME)),
        PutUp(_EVENTS),
        PutUp(_REASONS),
    ]
