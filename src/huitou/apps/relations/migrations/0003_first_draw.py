from django.db import migrations


def mark_everything(apps, schema_editor):
    """The first cycle draws the ties of everybody who is there already."""
    apps.get_model("relations", "HouseholdMark").objects.create(value_hash=None)


class Migration(migrations.Migration):
    dependencies = [
        ("relations", "0002_referrals_and_groups"),
    ]

    operations = [
        migrations.RunPython(mark_everything, migrations.RunPython.noop),
    ]
