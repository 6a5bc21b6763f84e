import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("clients", "0001_initial"),
        ("consent", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("format", models.CharField(max_length=20)),
                ("session_at", models.DateTimeField()),
                ("minutes", models.PositiveSmallIntegerField(null=True)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("sealed_body", models.BinaryField()),
                ("begun_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                    ),
                ),
                (
                    "consent_basis",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.event"
                    ),
                ),
                (
                    "consent_override",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.event"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("client", "author", "kind", "session_at"), name="notes_draft_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["process", "session"]),
                                ("consent_basis__isnull", False),
                                models.Q(("consent_override__isnull", False), _negated=True),
                            ),
                            models.Q(
                                ("kind__in", ["emergency"]),
                                models.Q(
                                    models.Q(
                                        ("consent_basis__isnull", False),
                                        models.Q(("consent_override__isnull", False), _negated=True),
                                    ),
                                    models.Q(
                                        ("consent_override__isnull", False),
                                        models.Q(("consent_basis__isnull", False), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            models.Q(
                                (
                                    "kind__in",
                                    [
                                        "call",
                                        "contact_others",
                                        "late_cancel",
                                        "message",
                                        "no_show",
                                        "refusal",
                                        "safety",
                                    ],
                                ),
                                models.Q(("consent_override__isnull", False), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="notes_draft_was_allowed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
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
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.client"
                    ),
                ),
                (
                    "consent_basis",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.event"
                    ),
                ),
                (
                    "consent_override",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.event"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["client", "session_at"], name="notes_note_by_client")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["process", "session"]),
                                ("consent_basis__isnull", False),
                                models.Q(("consent_override__isnull", False), _negated=True),
                            ),
                            models.Q(
                                ("kind__in", ["emergency"]),
                                models.Q(
                                    models.Q(
                                        ("consent_basis__isnull", False),
                                        models.Q(("consent_override__isnull", False), _negated=True),
                                    ),
                                    models.Q(
                                        ("consent_override__isnull", False),
                                        models.Q(("consent_basis__isnull", False), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            models.Q(
                                (
                                    "kind__in",
                                    [
                                        "call",
                                        "contact_others",
                                        "late_cancel",
                                        "message",
                                        "no_show",
                                        "refusal",
                                        "safety",
                                    ],
                                ),
                                models.Q(("consent_override__isnull", False), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="notes_note_was_allowed",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            django.db.models.functions.text.Length("ciphertext_sha256"), 64
                        ),
                        name="notes_note_sha256_is_hex",
                    ),
                ],
            },
        ),
    ]
