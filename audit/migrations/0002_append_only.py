from django.db import migrations

from audit.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_entries")]

    operations = [
        AppendOnly("audit_entry", unique_columns=("id", "uid")),
        AppendOnly("audit_entrysubject", unique_columns=("id", ("handle", "entry_id"))),
    ]
