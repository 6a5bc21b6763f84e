from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_set_up"),
    ]

    operations = [
        migrations.AddField(
            model_name="practice",
            name="elsewhere_days",
            field=models.PositiveSmallIntegerField(default=60),
        ),
        migrations.AddConstraint(
            model_name="practice",
            constraint=models.CheckConstraint(
                condition=models.Q(("elsewhere_days__range", (1, 365))), name="signed_elsewhere_counts_for_days"
            ),
        ),
    ]
