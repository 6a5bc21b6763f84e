from django.db import migrations

from audit.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("notes", "0010_own_formats")]

    operations = [AppendOnly("notes_ownformat", unique_columns=("name", ("family", "number")))]
