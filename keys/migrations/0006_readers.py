import django.db.models.deletion
from django.db import migrations, models

_ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    dependencies = [("keys", "0005_successor")]

    operations = [
        migrations.AddField(model_name="generation", name="readers", field=models.BinaryField(default=b"")),
        migrations.CreateModel(
            name="Heir",
            fields=[
                _ID,
                ("root", models.BinaryField(max_length=32)),
                ("holder", models.UUIDField()),
                ("old", models.BinaryField(db_index=True, max_length=16)),
                ("new", models.BinaryField(max_length=16)),
                ("since", models.DateTimeField()),
                ("issuer", models.BinaryField(max_length=32)),
                ("signature", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Reader",
            fields=[
                _ID,
                ("generation", models.PositiveIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("key_id", models.BinaryField(max_length=16)),
                ("cause", models.CharField(max_length=10)),
                ("expires_at", models.DateTimeField(null=True)),
                ("given_by", models.BinaryField(max_length=16)),
                ("given_at", models.DateTimeField()),
                ("signature", models.BinaryField()),
                ("vault", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="keys.vault")),
            ],
        ),
        migrations.CreateModel(
            name="ReaderEnd",
            fields=[
                _ID,
                ("root", models.BinaryField(max_length=32)),
                ("holder", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("issuer", models.BinaryField(max_length=16)),
                ("made_at", models.DateTimeField()),
                ("signature", models.BinaryField()),
                ("vault", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="keys.vault")),
            ],
        ),
    ]
