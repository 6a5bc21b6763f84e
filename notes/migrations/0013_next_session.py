"""When the client comes again. What was sealed before opens as ever: it is bound only where somebody said it."""

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from audit.append_only import Ends, PutUp, SealedAnew, TakenDown
from audit.guards.tables import Ending

_NOTES = Ends(
    SealedAnew("notes_note", unique_columns=("id",), columns=("sealed_body",)),
    Ending("clients_tombstone", "client_id"),
)
_IS_AFTER = models.Q(next_at__isnull=True) | (models.Q(next_at__gt=models.F("session_at")) & ~models.Q(kind="process"))


def _next_session(model: str) -> list[Operation]:
    rule = models.CheckConstraint(condition=_IS_AFTER, name=f"notes_{model}_next_is_after")
    return [
        migrations.AddField(model, "next_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(model, rule),
    ]


class Migration(migrations.Migration):
    dependencies = [("notes", "0012_earlier_versions")]

    operations = [
        *_next_session("draft"),
        *_next_session("version"),
        TakenDown(_NOTES),
        *_next_session("note"),
        PutUp(_NOTES),
    ]
