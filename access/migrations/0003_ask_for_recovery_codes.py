from datetime import timedelta

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def ask_in_a_month(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Have everybody who set up an account before this asked for the recovery code they typed back then."""
    users = apps.get_model("access", "User").objects.filter(is_staff_member=True).exclude(state="enrolling")
    users.update(recovery_ask_at=timezone.now() + timedelta(days=30))


class Migration(migrations.Migration):
    dependencies = [("access", "0002_ways_back")]

    operations = [migrations.RunPython(ask_in_a_month, migrations.RunPython.noop, elidable=True)]
