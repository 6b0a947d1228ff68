from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("value", "0020_tag_moves")]

    operations = [migrations.RemoveField("persontag", "given_to_id")]
