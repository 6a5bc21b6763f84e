from django.db import migrations

from audit.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_texts_events_records")]

    operations = [
        AppendOnly("consent_version", unique_columns=("id", ("kind", "version", "lang", "variant", "jurisdiction"))),
        AppendOnly("consent_event", unique_columns=("id", "nonce")),
        AppendOnly("consent_emergencyreason", unique_columns=("event_id",)),
        AppendOnly("consent_record", unique_columns=("record_id", "event_id", "reference", "prev_id")),
    ]
