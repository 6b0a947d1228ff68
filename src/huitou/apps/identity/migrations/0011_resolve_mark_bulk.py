from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0010_imported_person")]

    operations = [
        migrations.AddField("resolvemark", "is_bulk", models.BooleanField(default=False, db_default=False)),
    ]
