import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("keys", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="HeldBundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("epoch", models.PositiveIntegerField()),
                ("sealed_bundle", models.BinaryField()),
                ("sealed_recovery", models.BinaryField()),
                ("identity", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to="keys.identity")),
            ],
        ),
        migrations.CreateModel(
            name="HeldGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("generation", models.PositiveIntegerField()),
                ("grantee", models.BinaryField(max_length=16)),
                ("wrap", models.BinaryField()),
                ("granted_by", models.BinaryField(max_length=16)),
                ("granted_at", models.DateTimeField()),
                ("accepted", models.BinaryField()),
                ("vault", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="keys.vault")),
            ],
        ),
    ]
