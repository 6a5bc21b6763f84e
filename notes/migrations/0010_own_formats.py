import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_KEEP = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("notes", "0009_withdrawals_only_grow"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnFormat",
            fields=[
                ("name", models.CharField(max_length=72, primary_key=True, serialize=False)),
                ("family", models.UUIDField()),
                ("number", models.PositiveSmallIntegerField()),
                ("label", models.CharField(max_length=60)),
                ("sections", models.JSONField()),
                ("is_offered", models.BooleanField(default=True)),
                ("made_at", models.DateTimeField()),
                ("made_by", models.ForeignKey(on_delete=_KEEP, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "owner",
                    models.ForeignKey(null=True, on_delete=_KEEP, related_name="+", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("family", "number"), name="notes_ownformat_number_once")
                ],
            },
        ),
    ]
