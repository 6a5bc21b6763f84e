from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from keys.services.adopting import adopt_readers


def adopt(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Take over who stands in the rows today: each is signed for when the key is replaced next."""
    generations = apps.get_model("keys", "Generation").objects.all()
    readers = apps.get_model("keys", "Reader").objects
    for name in ("Grant", "HeldGrant"):
        adopt_readers(generations, apps.get_model("keys", name).objects.all(), readers)


def require_none_signed(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Stop before the lists are dropped: without them no signature of a later generation holds."""
    if apps.get_model("keys", "Generation").objects.exclude(readers=b"").exists():
        raise RuntimeError(
            "The keys of some vaults were made with signed readers, which an older version cannot check."
        )
    apps.get_model("keys", "Reader").objects.filter(given_by=b"").delete()


class Migration(migrations.Migration):
    dependencies = [("keys", "0006_readers")]

    operations = [migrations.RunPython(adopt, require_none_signed)]
