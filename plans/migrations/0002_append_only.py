from django.db import migrations

from audit.append_only import Ends, SealedAnew
from audit.guards.tables import Ending

VERSIONS = SealedAnew("plans_version", unique_columns=("id", ("client_id", "number")), columns=("sealed_goals",))


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_versions"), ("clients", "0004_tombstones_only_grow")]

    operations = [Ends(VERSIONS, Ending("clients_tombstone", "client_id"))]
