from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("value", "0021_tag_given_to"),
    ]

    operations = [
        migrations.AddField(
            model_name="valuerun",
            name="motives",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="valuerun",
            name="overlaps",
            field=models.JSONField(null=True),
        ),
    ]
