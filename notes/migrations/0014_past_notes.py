"""Past notes, which rest on nothing that was given here, and have no length."""

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from audit.append_only import Ends, PutUp, SealedAnew, TakenDown
from audit.guards.tables import Ending

_DESTROYED = Ending("clients_tombstone", "client_id")
_NOTES = Ends(SealedAnew("notes_note", unique_columns=("id",), columns=("sealed_body",)), _DESTROYED)
_NEEDS_NOTHING = [
    "call",
    "closing",
    "contact_others",
    "crisis",
    "late_cancel",
    "message",
    "no_show",
    "refusal",
    "safety",
    "safety_plan",
]
_SIGNATURE, _OVERRIDE = models.Q(consent_basis__isnull=False), models.Q(consent_override__isnull=False)
_WRITTEN_HERE = (
    (models.Q(kind__in=["process", "session"]) & _SIGNATURE & ~_OVERRIDE)
    | (models.Q(kind__in=["emergency"]) & ((_SIGNATURE & ~_OVERRIDE) | (_OVERRIDE & ~_SIGNATURE)))
    | (models.Q(kind__in=_NEEDS_NOTHING) & ~_OVERRIDE)
)


def _kinds(model: str, imported: models.Q) -> list[Operation]:
    name = f"notes_{model}_was_allowed"
    allowed = _WRITTEN_HERE | (models.Q(kind__in=["imported"]) & ~_SIGNATURE & ~_OVERRIDE & imported)
    return [
        migrations.RemoveConstraint(model, name),
        migrations.AddConstraint(model, models.CheckConstraint(condition=allowed, name=name)),
    ]


class Migration(migrations.Migration):
    dependencies = [("notes", "0013_next_session")]

    operations = [
        *_kinds("draft", models.Q(amends__isnull=False)),
        TakenDown(_NOTES),
        *_kinds("note", models.Q(minutes__isnull=True)),
        PutUp(_NOTES),
    ]
