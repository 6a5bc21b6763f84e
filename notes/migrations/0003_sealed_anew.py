from django.db import migrations

from audit.append_only import SealedAnew


class Migration(migrations.Migration):
    dependencies = [("notes", "0002_append_only")]

    operations = [SealedAnew("notes_note", unique_columns=("id",), columns=("sealed_body",))]
