from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(unique=True)),
                ("body", models.BinaryField()),
                ("leaf", models.BinaryField(max_length=32)),
                ("mac", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField(db_index=True)),
                ("action", models.CharField(max_length=40)),
                ("actor_id", models.CharField(blank=True, max_length=40)),
                ("role", models.CharField(max_length=20)),
                ("outcome", models.CharField(max_length=10)),
                ("obj_type", models.CharField(blank=True, max_length=60)),
                ("obj_id", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["action", "id"], name="audit_entry_action"),
                    models.Index(fields=["actor_id", "id"], name="audit_entry_actor"),
                    models.Index(fields=["obj_id", "id"], name="audit_entry_obj"),
                ],
            },
        ),
        migrations.CreateModel(
            name="EntrySubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry_id", models.BigIntegerField()),
                ("handle", models.BinaryField(max_length=16)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("handle", "entry_id"), name="audit_entrysubject_once")],
            },
        ),
    ]
