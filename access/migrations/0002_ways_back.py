import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from access.roles import Role


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AddField("user", "recovery_ask_at", models.DateTimeField(null=True)),
        migrations.AddField("user", "factor_removed_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "roleheld",
            "role",
            models.CharField(max_length=10, choices=[(role.value, role.value) for role in Role]),
        ),
        migrations.CreateModel(
            name="StandInCode",
            fields=[
                (
                    "name",
                    models.CharField(help_text="The human-readable name of this device.", max_length=64),
                ),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code_mac", models.BinaryField(max_length=32)),
                ("valid_until", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"abstract": False},
        ),
    ]
