from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("value", "0004_persontag_given_to")]

    operations = [
        migrations.AddField(model_name="valuerun", name="events_to", field=models.BigIntegerField(default=0)),
    ]
