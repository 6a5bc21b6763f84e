from django.db import migrations

from audit.append_only import AppendOnly, Ends
from audit.guards.tables import Ending

# A withdrawal may go once a tombstone, which stays, says that its client's record is destroyed.
DESTROYED = Ending("clients_tombstone", "client_id")


class Migration(migrations.Migration):
    dependencies = [("notes", "0008_withdrawals"), ("clients", "0004_tombstones_only_grow")]

    operations = [Ends(AppendOnly("notes_withdrawal", unique_columns=("note_id",)), DESTROYED)]
