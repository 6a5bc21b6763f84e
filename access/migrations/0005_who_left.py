from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0004_keep_years")]

    operations = [
        migrations.AddField("user", "ended_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("ended_at__isnull", True), ("state", "ended"), _connector="OR"),
                name="who_left_stays_gone",
            ),
        ),
    ]
