from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_ask_for_recovery_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="keep_years",
            field=models.PositiveSmallIntegerField(default=10),
        ),
        migrations.AddConstraint(
            model_name="practice",
            constraint=models.CheckConstraint(
                condition=models.Q(("keep_years__range", (1, 50))), name="records_are_kept_for_years"
            ),
        ),
    ]
