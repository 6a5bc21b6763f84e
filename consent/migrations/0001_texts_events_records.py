import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("clients", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=20)),
                ("lang", models.CharField(max_length=20)),
                ("variant", models.CharField(max_length=40)),
                ("jurisdiction", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("intro_html", models.TextField(blank=True)),
                ("screens", models.JSONField()),
                ("questions", models.JSONField()),
                ("for_you_label", models.CharField(blank=True, max_length=80)),
                ("meaning", models.TextField()),
                ("still_to_discuss", models.CharField(blank=True, max_length=80)),
                ("variables", models.JSONField()),
                ("change_class", models.CharField(max_length=20)),
                ("effective_at", models.DateTimeField()),
                ("counsel_reviewed_by", models.CharField(blank=True, max_length=200)),
                ("counsel_review_date", models.DateField(blank=True, null=True)),
                ("published_by", models.UUIDField()),
                ("published_at", models.DateTimeField()),
                ("signature", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "version", "lang", "variant", "jurisdiction"), name="consent_version_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["confidentiality_consent", "screen_forms"])),
                        name="consent_version_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("change_class__in", ["editorial", "material", "urgent"])),
                        name="consent_version_change_known",
                    ),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(django.db.models.functions.text.Length("sha256"), 64),
                        name="consent_version_sha256_is_hex",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("counsel_review_date", None), ("counsel_reviewed_by", "")),
                            models.Q(
                                models.Q(("counsel_reviewed_by", ""), _negated=True),
                                ("counsel_review_date__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="consent_version_review_named_and_dated",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=30)),
                ("section", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField()),
                ("nonce", models.UUIDField(unique=True)),
                ("until", models.DateTimeField(null=True)),
                ("sealed_detail", models.BinaryField(null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consent_events", to="clients.client"
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="consent.event",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.version"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EmergencyReason",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="emergency_reason",
                        serialize=False,
                        to="consent.event",
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("sealed_reason", models.BinaryField()),
                ("sealed_manager_line", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("code__in", ["abuse", "acute_crisis", "cannot_sign", "imminent_harm", "technical"])
                        ),
                        name="consent_emergency_code_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                ("record_id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("ciphertext_sha256", models.CharField(max_length=64)),
                ("sealed_envelope", models.BinaryField()),
                ("reference", models.CharField(max_length=11, unique=True)),
                ("signed_at", models.DateTimeField()),
                ("attestation", models.BinaryField()),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consent_records", to="clients.client"
                    ),
                ),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consent_record", to="consent.event"
                    ),
                ),
                (
                    "prev",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="next", to="consent.record"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.version"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=django.db.models.lookups.Exact(
                            django.db.models.functions.text.Length("ciphertext_sha256"), 64
                        ),
                        name="consent_record_sha256_is_hex",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["client", "at"], name="consent_event_by_client"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "answered",
                            "choice_revoked",
                            "choice_set",
                            "copy_sent",
                            "cosigned",
                            "declined",
                            "discussed",
                            "esign_consented",
                            "expired",
                            "invited",
                            "opened",
                            "override_closed",
                            "override_opened",
                            "paper_asked",
                            "paper_dropped",
                            "paper_recorded",
                            "question_asked",
                            "reauthenticated",
                            "reviewed",
                            "sealed",
                            "section_done",
                            "signed",
                            "superseded",
                            "voided",
                            "withdrawn",
                        ],
                    )
                ),
                name="consent_event_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ["answered", "question_asked", "section_done"]), ("section", ""), _connector="OR"
                    ),
                    models.Q(
                        models.Q(("kind", "section_done"), _negated=True),
                        models.Q(("section", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="consent_event_section_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("kind__in", ["declined", "paper_recorded", "section_done", "signed"]), _negated=True),
                        ("section", ""),
                    ),
                    ("version__isnull", False),
                    _connector="OR",
                ),
                name="consent_event_version_named",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "answered"), ("question__isnull", False)),
                    models.Q(models.Q(("kind", "answered"), _negated=True), ("question__isnull", True)),
                    _connector="OR",
                ),
                name="consent_event_answer_has_question",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until", None),
                    models.Q(("kind__in", ["override_opened", "superseded"]), ("until__gte", models.F("at"))),
                    _connector="OR",
                ),
                name="consent_event_until_fits",
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "override_opened"), _negated=True), ("until__isnull", False), _connector="OR"
                ),
                name="consent_event_override_ends",
            ),
        ),
    ]
