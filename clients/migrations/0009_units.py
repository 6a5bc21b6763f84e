from uuid import uuid4

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Couples, families and groups: what kind a record is of, and who belongs to one."""

    dependencies = [("clients", "0008_therapy_over")]

    operations = [
        migrations.AddField("client", "kind", models.CharField(default="one", max_length=6)),
        migrations.AddConstraint(
            "client",
            models.CheckConstraint(
                condition=models.Q(("kind__in", ["one", "couple", "family", "group"])), name="clients_kind_known"
            ),
        ),
        migrations.AddConstraint(
            "client",
            models.CheckConstraint(
                condition=models.Q(("kind", "one"), ("user", None), _connector="OR"),
                name="nobody_signs_in_as_several",
            ),
        ),
        migrations.CreateModel(
            "Member",
            fields=[
                ("id", models.UUIDField(default=uuid4, editable=False, primary_key=True, serialize=False)),
                ("joined_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="belongs", to="clients.client"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="clients.client"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)), fields=("unit", "client"), name="belongs_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit", models.F("client")), _negated=True),
                        name="nothing_belongs_to_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("left_at", None), ("left_at__gte", models.F("joined_at")), _connector="OR"),
                        name="nobody_leaves_before_joining",
                    ),
                ],
            },
        ),
    ]
