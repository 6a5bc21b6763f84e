import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clients.migrations._first_reach import FIRST_REACH
from clients.models.reach import CLOSED


class Migration(migrations.Migration):
    """Two views. A migration that changes a table below them has to drop them first and make them again."""

    dependencies = [("clients", "0005_cover"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RunSQL(CLOSED, "DROP VIEW clients_closed"),
        migrations.RunSQL(FIRST_REACH, "DROP VIEW clients_reach"),
        migrations.CreateModel(
            name="Closed",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        "clients.client",
                        django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                    ),
                )
            ],
            options={"db_table": "clients_closed", "managed": False},
        ),
        migrations.CreateModel(
            name="Reach",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("client", models.ForeignKey("clients.client", django.db.models.deletion.DO_NOTHING, related_name="+")),
                (
                    "therapist",
                    models.ForeignKey(settings.AUTH_USER_MODEL, django.db.models.deletion.DO_NOTHING, related_name="+"),
                ),
                ("under_cover", models.BooleanField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
            options={"db_table": "clients_reach", "managed": False},
        ),
    ]
