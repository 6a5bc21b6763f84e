from django.db import migrations

from audit.append_only import AppendOnly, Ends, SealedAnew
from audit.guards.tables import Ending

# Both may go once a tombstone, which stays, says that their client's record is destroyed.
DESTROYED = Ending("clients_tombstone", "client_id")
COSIGNATURES = AppendOnly("notes_cosignature", unique_columns=("text_id",))
WISHES = SealedAnew("notes_wish", unique_columns=("id",), columns=("sealed_text",))


class Migration(migrations.Migration):
    dependencies = [("notes", "0015_cosigning"), ("clients", "0004_tombstones_only_grow")]

    operations = [Ends(COSIGNATURES, DESTROYED), Ends(WISHES, DESTROYED)]
