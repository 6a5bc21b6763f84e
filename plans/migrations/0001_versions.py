import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_KEEP = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("clients", "0008_therapy_over"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("written_at", models.DateTimeField()),
                ("review_date", models.DateField(null=True)),
                ("sealed_goals", models.BinaryField()),
                ("author", models.ForeignKey(on_delete=_KEEP, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("client", models.ForeignKey(on_delete=_KEEP, related_name="+", to="clients.client")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("client", "number"), name="plans_version_number_once"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="plans_version_number_from_1"),
                ],
            },
        ),
    ]
