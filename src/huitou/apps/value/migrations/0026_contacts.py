from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("value", "0025_by_tier_and_clv"),
    ]

    operations = [
        migrations.AddField(
            model_name="valuerun",
            name="contacts",
            field=models.JSONField(null=True),
        ),
    ]
