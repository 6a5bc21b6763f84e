from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("keys", "0004_sheet_proofs")]

    operations = [
        migrations.CreateModel(
            name="Successor",
            fields=[
                ("holder", models.UUIDField(primary_key=True, serialize=False)),
                ("key_id", models.BinaryField(max_length=16)),
                ("kem_public", models.BinaryField()),
                ("sig_public", models.BinaryField()),
                ("verifier", models.CharField(max_length=128)),
                ("sealed_bundle", models.BinaryField()),
                ("recovery_serial", models.UUIDField()),
                ("sealed_recovery", models.BinaryField()),
                ("made_at", models.DateTimeField()),
                ("proven_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
