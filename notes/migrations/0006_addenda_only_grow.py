from django.db import migrations

from audit.append_only import Ends, SealedAnew
from audit.guards.tables import Ending

# An addendum may go once a tombstone, which stays, says that its client's record is destroyed.
DESTROYED = Ending("clients_tombstone", "client_id")
ADDENDA = SealedAnew("notes_addendum", unique_columns=("id", ("note_id", "number")), columns=("sealed_body",))


class Migration(migrations.Migration):
    dependencies = [("notes", "0005_addenda"), ("clients", "0004_tombstones_only_grow")]

    operations = [Ends(ADDENDA, DESTROYED)]
