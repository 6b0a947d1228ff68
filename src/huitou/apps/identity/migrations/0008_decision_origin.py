from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_correction")]

    operations = [
        migrations.AddField(model_name="decision", name="origin_event_id", field=models.BigIntegerField(db_index=True, null=True))
    ]
