from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("keys", "0002_held")]

    operations = [
        migrations.AddField(model_name="grant", name="expires_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="heldgrant", name="expires_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="identity", name="retired_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="vault", name="rotate_since", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="vault", name="wanted_generation", field=models.PositiveIntegerField(default=1)),
        migrations.AddIndex(
            model_name="vault",
            index=models.Index(
                condition=models.Q(("rotate_since__isnull", False)), fields=["rotate_since"], name="vaults_that_wait"
            ),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retired_at__isnull", True)), fields=("holder",), name="one_current_key_per_holder"
            ),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("retired_at__isnull", True),
                    models.Q(("sealed_bundle", b""), ("sealed_recovery", b"")),
                    _connector="OR",
                ),
                name="retired_keys_open_nowhere",
            ),
        ),
    ]
