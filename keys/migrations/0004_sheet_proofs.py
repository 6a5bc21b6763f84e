from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("keys", "0003_life_events")]

    operations = [
        migrations.CreateModel(
            name="SheetProof",
            fields=[
                ("number", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("proof", models.BinaryField(max_length=32)),
            ],
        ),
    ]
