from django.db import migrations

from audit.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("clients", "0003_keeping")]

    operations = [AppendOnly("clients_tombstone", unique_columns=("client_id",))]
