from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("keys", "0007_adopt_readers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="vault",
            name="kind",
            field=models.CharField(
                choices=[
                    ("contact", "contact"),
                    ("shared", "shared"),
                    ("record", "record"),
                    ("process", "process"),
                    ("will", "will"),
                    ("release", "release"),
                ],
                max_length=10,
            ),
        ),
    ]
