from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0008_decision_origin")]

    operations = [
        migrations.CreateModel(
            name="RecordKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key_hash", models.BigIntegerField()),
                ("record_id", models.BigIntegerField(db_index=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("key_hash", "record_id"), name="record_key_once")],
            },
        ),
    ]
