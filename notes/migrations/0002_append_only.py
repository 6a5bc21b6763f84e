from django.db import migrations

from audit.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_drafts_notes")]

    operations = [AppendOnly("notes_note", unique_columns=("id",))]
