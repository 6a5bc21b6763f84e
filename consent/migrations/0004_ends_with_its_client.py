from django.db import migrations

from audit.append_only import Ends, SealedAnew
from audit.guards.tables import Ending

# What a client signed or said may go once a tombstone, which stays, says that the record is destroyed.
DESTROYED = Ending("clients_tombstone", "client_id")
BY_ITS_EVENT = Ending("clients_tombstone", "client_id", through=("event_id", "consent_event"))

EVENTS = SealedAnew("consent_event", unique_columns=("id", "nonce"), columns=("sealed_detail",))
REASONS = SealedAnew(
    "consent_emergencyreason", unique_columns=("event_id",), columns=("sealed_reason", "sealed_manager_line")
)
RECORDS = SealedAnew(
    "consent_record",
    unique_columns=("record_id", "event_id", "reference", "prev_id"),
    columns=("sealed_envelope",),
)


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_sealed_anew"), ("clients", "0004_tombstones_only_grow")]

    operations = [Ends(EVENTS, DESTROYED), Ends(REASONS, BY_ITS_EVENT), Ends(RECORDS, DESTROYED)]
