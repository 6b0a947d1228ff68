from django.db import migrations, models

TYPES = ("text", "number", "decimal", "amount", "date", "flag", "choice")


class Migration(migrations.Migration):
    dependencies = [("attributes", "0003_sensitive_choices")]

    operations = [
        migrations.AddField("attribute", "places", models.PositiveSmallIntegerField(default=0)),
        migrations.AlterField("attribute", "type_code", models.CharField(choices=[(one, one) for one in TYPES], max_length=8)),
    ]
