from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("value", "0003_designer_and_tags")]

    operations = [
        migrations.AddField(
            model_name="persontag",
            name="given_to_id",
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
    ]
