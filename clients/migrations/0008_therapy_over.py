from django.db import migrations, models

from clients.migrations._first_reach import FIRST_REACH
from clients.models.reach import REACH

_DROP = "DROP VIEW clients_reach"


class Migration(migrations.Migration):
    """Who keeps a record once its therapy is over: a column of the care, and a third cause in the view of lock 2."""

    dependencies = [("clients", "0007_custody")]

    operations = [
        migrations.RunSQL(_DROP, FIRST_REACH),
        migrations.AddField("care", "keeps_record", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "care",
            models.UniqueConstraint(
                condition=models.Q(("keeps_record", True)), fields=("client", "therapist"), name="kept_once"
            ),
        ),
        migrations.AddConstraint(
            "care",
            models.CheckConstraint(
                condition=models.Q(("keeps_record", False), ("ended_at__isnull", False), _connector="OR"),
                name="kept_after_care_only",
            ),
        ),
        migrations.RunSQL(REACH, _DROP),
        # The view has no table to change.
        migrations.RemoveField("reach", "under_cover"),
        migrations.AddField(
            "reach",
            "cause",
            models.CharField(choices=[("care", "CARE"), ("cover", "COVER"), ("kept", "KEPT")], max_length=5),
        ),
    ]
