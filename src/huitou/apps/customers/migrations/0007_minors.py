from datetime import UTC, datetime

from django.db import migrations, models


def of_age_fill(apps, schema_editor):
    """Open the files that are there once and keep the 14th birthday of who is under 14."""
    from huitou.apps.base.secrets import keyring
    from huitou.apps.customers.profiles import comes_of_age, profile_open

    person, now = apps.get_model("customers", "Person"), datetime.now(UTC)
    living = person.objects.filter(is_live=True).exclude(profile=None).order_by("pk")
    last = 0
    while block := list(living.filter(pk__gt=last).values_list("pk", "profile")[:5_000]):
        last = block[-1][0]
        for pk, sealed in block:
            comes = comes_of_age(profile_open(keyring(), pk, sealed), now=now)
            if comes is not None:
                person.objects.filter(pk=pk).update(of_age_on=comes)


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_completeness_weights")]

    operations = [
        migrations.AddField("person", "of_age_on", models.DateField(null=True)),
        migrations.AddIndex(
            "person",
            models.Index(fields=["of_age_on"], condition=models.Q(of_age_on__isnull=False), name="person_minors"),
        ),
        migrations.RunPython(of_age_fill, migrations.RunPython.noop),
    ]
