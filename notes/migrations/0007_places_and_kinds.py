"""Where a session was held, three more kinds, and longer names of formats.

What was sealed before opens as ever: a place is bound only where there is one.
"""

from django.db import migrations, models
from django.db.migrations.operations.base import Operation

from audit.append_only import Ends, PutUp, SealedAnew, TakenDown
from audit.guards.tables import Ending

_DESTROYED = Ending("clients_tombstone", "client_id")
_BODY = ("sealed_body",)
_NOTES = Ends(SealedAnew("notes_note", unique_columns=("id",), columns=_BODY), _DESTROYED)
_ADDENDA = Ends(SealedAnew("notes_addendum", unique_columns=("id", ("note_id", "number")), columns=_BODY), _DESTROYED)
_PLACES = ["", "elsewhere", "phone", "room", "video"]
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
_WAS_ALLOWED = (
    (models.Q(kind__in=["process", "session"]) & _SIGNATURE & ~_OVERRIDE)
    | (models.Q(kind__in=["emergency"]) & ((_SIGNATURE & ~_OVERRIDE) | (_OVERRIDE & ~_SIGNATURE)))
    | (models.Q(kind__in=_NEEDS_NOTHING) & ~_OVERRIDE)
)


def _place(model: str) -> list[Operation]:
    return [
        migrations.AddField(model, "place", models.CharField(default="", max_length=10)),
        migrations.AlterField(model, "format", models.CharField(max_length=72)),
        migrations.AddConstraint(
            model, models.CheckConstraint(condition=models.Q(place__in=_PLACES), name=f"notes_{model}_is_somewhere")
        ),
    ]


def _kinds(model: str) -> list[Operation]:
    name = f"notes_{model}_was_allowed"
    return [
        migrations.RemoveConstraint(model, name),
        migrations.AddConstraint(model, models.CheckConstraint(condition=_WAS_ALLOWED, name=name)),
    ]


class Migration(migrations.Migration):
    dependencies = [("notes", "0006_addenda_only_grow")]

    operations = [
        *_place("draft"),
        *_kinds("draft"),
        TakenDown(_NOTES),
        TakenDown(_ADDENDA),
        *_place("note"),
        *_kinds("note"),
        *_place("addendum"),
        PutUp(_ADDENDA),
        PutUp(_NOTES),
    ]
