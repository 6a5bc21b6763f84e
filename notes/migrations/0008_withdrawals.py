import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_KEEP = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0008_therapy_over"),
        ("notes", "0007_places_and_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                (
                    "note",
                    models.OneToOneField(
                        on_delete=_KEEP,
                        primary_key=True,
                        related_name="withdrawal",
                        serialize=False,
                        to="notes.note",
                    ),
                ),
                ("withdrawn_at", models.DateTimeField()),
                ("signature", models.BinaryField()),
                ("signed_with", models.BinaryField(max_length=16)),
                ("author", models.ForeignKey(on_delete=_KEEP, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("client", models.ForeignKey(on_delete=_KEEP, related_name="+", to="clients.client")),
            ],
        ),
    ]
