from django.db import migrations

from audit.append_only import Ends, SealedAnew
from audit.guards.tables import Ending

# What was filed may go once a tombstone, which stays, says that the record is destroyed.
DESTROYED = Ending("clients_tombstone", "client_id")
BY_ITS_FILE = Ending("clients_tombstone", "client_id", through=("attachment_id", "attachments_attachment"))

FILES = SealedAnew("attachments_attachment", unique_columns=("id",), columns=("sealed_facts",))
PIECES = SealedAnew("attachments_piece", unique_columns=("id", ("attachment_id", "number")), columns=("sealed_piece",))
REMOVALS = SealedAnew("attachments_removal", unique_columns=("attachment_id",), columns=("sealed_error",))


class Migration(migrations.Migration):
    dependencies = [("attachments", "0001_files"), ("clients", "0004_tombstones_only_grow")]

    operations = [Ends(FILES, DESTROYED), Ends(PIECES, BY_ITS_FILE), Ends(REMOVALS, BY_ITS_FILE)]
