from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_who_left"),
    ]

    operations = [
        migrations.CreateModel(
            name="SetUp",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("code_mac", models.BinaryField(max_length=32)),
                ("ceremony", models.UUIDField(null=True)),
                ("sealed_progress", models.BinaryField(default=b"")),
                ("valid_until", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="only_one_set_up"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ceremony__isnull", True), ("sealed_progress", b"")),
                            models.Q(("ceremony__isnull", False), ("code_mac", b"")),
                            _connector="OR",
                        ),
                        name="a_used_set_up_code_is_gone",
                    ),
                ],
            },
        ),
    ]
