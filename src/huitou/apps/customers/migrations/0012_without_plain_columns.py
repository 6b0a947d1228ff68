from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0011_filled_beside"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="person", name="person_plain_columns"),
    ]
