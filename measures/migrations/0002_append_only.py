from django.db import migrations

from audit.append_only import Ends, SealedAnew
from audit.guards.tables import Ending

# What came in may go once a tombstone, which stays, says that the record is destroyed.
DESTROYED = Ending("clients_tombstone", "client_id")
BY_ITS_RESULT = Ending("clients_tombstone", "client_id", through=("result_id", "measures_result"))

RESULTS = SealedAnew("measures_result", unique_columns=("id",), columns=("sealed_answers",))
CLOSINGS = SealedAnew("measures_closing", unique_columns=("result_id",), columns=("sealed_words",))


class Migration(migrations.Migration):
    dependencies = [("measures", "0001_sheets_results"), ("clients", "0004_tombstones_only_grow")]

    operations = [Ends(RESULTS, DESTROYED), Ends(CLOSINGS, BY_ITS_RESULT)]
