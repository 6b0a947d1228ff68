from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("recommend", "0003_withheld_moves")]

    operations = [migrations.RemoveField("withheld", "given_to_id")]
