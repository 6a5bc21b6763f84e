from django.db import migrations

from audit.append_only import SealedAnew


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_append_only")]

    operations = [
        SealedAnew("consent_event", unique_columns=("id", "nonce"), columns=("sealed_detail",)),
        SealedAnew(
            "consent_emergencyreason",
            unique_columns=("event_id",),
            columns=("sealed_reason", "sealed_manager_line"),
        ),
        SealedAnew(
            "consent_record",
            unique_columns=("record_id", "event_id", "reference", "prev_id"),
            columns=("sealed_envelope",),
        ),
    ]
