from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("value", "0005_valuerun_events_to")]

    operations = [migrations.DeleteModel(name="GivenInput")]
