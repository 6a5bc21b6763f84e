import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_KEEP = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0010_training"),
        ("notes", "0014_past_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("text_id", models.UUIDField(primary_key=True, serialize=False)),
                ("cosigned_at", models.DateTimeField()),
                ("signature", models.BinaryField()),
                ("signed_with", models.BinaryField(max_length=16)),
                ("client", models.ForeignKey(on_delete=_KEEP, related_name="+", to="clients.client")),
                ("cosigner", models.ForeignKey(on_delete=_KEEP, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("note", models.ForeignKey(on_delete=_KEEP, related_name="cosignatures", to="notes.note")),
            ],
        ),
        migrations.CreateModel(
            name="Wish",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField()),
                ("sealed_text", models.BinaryField()),
                ("asked_by", models.ForeignKey(on_delete=_KEEP, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("client", models.ForeignKey(on_delete=_KEEP, related_name="+", to="clients.client")),
                ("note", models.ForeignKey(on_delete=_KEEP, related_name="wishes", to="notes.note")),
            ],
        ),
    ]
