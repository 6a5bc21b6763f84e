import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

_KEEP = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0008_therapy_over"),
        ("consent", "0004_ends_with_its_client"),
        ("notes", "0004_ends_with_its_client"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Addendum",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("format", models.CharField(max_length=20)),
                ("session_at", models.DateTimeField()),
                ("minutes", models.PositiveSmallIntegerField(null=True)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("sealed_body", models.BinaryField()),
                ("written_at", models.DateTimeField()),
                ("signed_at", models.DateTimeField()),
                ("ciphertext_sha256", models.CharField(max_length=64)),
                ("signature", models.BinaryField()),
                ("signed_with", models.BinaryField(max_length=16)),
                ("number", models.PositiveSmallIntegerField()),
                ("reason", models.CharField(max_length=20)),
                ("author", models.ForeignKey(on_delete=_KEEP, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("client", models.ForeignKey(on_delete=_KEEP, related_name="+", to="clients.client")),
                ("consent_basis", models.ForeignKey(null=True, on_delete=_KEEP, related_name="+", to="consent.event")),
                (
                    "consent_override",
                    models.ForeignKey(null=True, on_delete=_KEEP, related_name="+", to="consent.event"),
                ),
                ("note", models.ForeignKey(on_delete=_KEEP, related_name="addenda", to="notes.note")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("note", "number"), name="notes_addendum_number_once"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="notes_addendum_number_from_1"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["clarity", "client_asked", "correction", "learned_later", "omission"])
                        ),
                        name="notes_addendum_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            django.db.models.functions.text.Length("ciphertext_sha256"), 64
                        ),
                        name="notes_addendum_sha256_is_hex",
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(model_name="draft", name="notes_draft_once"),
        migrations.AddField(
            model_name="draft",
            name="amends",
            field=models.ForeignKey(null=True, on_delete=_KEEP, related_name="+", to="notes.note"),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                fields=("client", "author", "kind", "session_at"),
                condition=models.Q(("amends__isnull", True)),
                name="notes_draft_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("amends", "author"), name="notes_draft_addendum_once"),
        ),
    ]
