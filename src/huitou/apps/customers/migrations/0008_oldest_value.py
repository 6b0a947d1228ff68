from django.db import migrations, models


def oldest_fill(apps, schema_editor):
    """Open the files that are there once and keep the day on which their oldest value was told."""
    from huitou.apps.base.secrets import keyring
    from huitou.apps.customers.profiles import oldest_value_on, profile_open

    person = apps.get_model("customers", "Person")
    living = person.objects.filter(is_live=True).exclude(profile=None).order_by("pk")
    last = 0
    while block := list(living.filter(pk__gt=last).values_list("pk", "profile")[:5_000]):
        last = block[-1][0]
        rows = [person(pk=pk, oldest_value_on=oldest_value_on(profile_open(keyring(), pk, sealed))) for pk, sealed in block]
        person.objects.bulk_update(rows, ["oldest_value_on"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_minors")]

    operations = [
        migrations.AddField("person", "oldest_value_on", models.DateField(null=True)),
        migrations.AddIndex(
            "person", models.Index(fields=["oldest_value_on", "home_store_id", "is_live"], name="person_by_oldest_value")
        ),
        migrations.RunPython(oldest_fill, migrations.RunPython.noop),
    ]
