import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_KEEP = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0008_therapy_over"),
        ("consent", "0004_ends_with_its_client"),
        ("notes", "0011_own_formats_only_grow"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="kept_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="draft",
            name="turn",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="draft",
            name="window",
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("format", models.CharField(max_length=72)),
                ("session_at", models.DateTimeField()),
                ("minutes", models.PositiveSmallIntegerField(null=True)),
                ("place", models.CharField(default="", max_length=10)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("sealed_body", models.BinaryField()),
                ("begun_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField()),
                ("draft_id", models.UUIDField()),
                ("aside", models.BooleanField(default=False)),
                ("discarded", models.BooleanField(default=False)),
                ("kept_at", models.DateTimeField()),
                ("amends", models.ForeignKey(null=True, on_delete=_KEEP, related_name="+", to="notes.note")),
                ("author", models.ForeignKey(on_delete=_KEEP, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("client", models.ForeignKey(on_delete=_KEEP, related_name="+", to="clients.client")),
                ("consent_basis", models.ForeignKey(null=True, on_delete=_KEEP, related_name="+", to="consent.event")),
                (
                    "consent_override",
                    models.ForeignKey(null=True, on_delete=_KEEP, related_name="+", to="consent.event"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["draft_id"], name="notes_version_of_draft"),
                    models.Index(fields=["kept_at"], name="notes_version_by_age"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("place__in", ["", "elsewhere", "phone", "room", "video"])),
                        name="notes_version_is_somewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("aside", False), ("discarded", False), _connector="OR"),
                        name="notes_version_was_held",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("discarded", True)),
                        fields=("draft_id",),
                        name="notes_version_discarded_once",
                    ),
                ],
            },
        ),
    ]
