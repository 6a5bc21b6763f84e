from django.db import migrations

from audit.append_only import Ends, SealedAnew
from audit.guards.tables import Ending

# A note may go once a tombstone, which stays, says that its client's record is destroyed.
DESTROYED = Ending("clients_tombstone", "client_id")


class Migration(migrations.Migration):
    dependencies = [("notes", "0003_sealed_anew"), ("clients", "0004_tombstones_only_grow")]

    operations = [Ends(SealedAnew("notes_note", unique_columns=("id",), columns=("sealed_body",)), DESTROYED)]
