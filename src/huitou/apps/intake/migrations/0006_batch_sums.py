from django.db import migrations, models

from huitou.core.periods import business_date

SUMS = ("received", "accepted", "merged", "quarantined")


def sum_up(apps, schema_editor):
    """Fill the sums of the batches that are there from their counts by kind."""
    batch = apps.get_model("intake", "Batch")
    for row in batch.objects.only("counts", "sealed_at").iterator():
        sums = {name: sum(kind.get(name, 0) for kind in row.counts.values()) for name in SUMS}
        batch.objects.filter(pk=row.pk).update(**sums, sealed_on=business_date(row.sealed_at))


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0005_source_every"),
    ]

    operations = [
        *(migrations.AddField("batch", name, models.BigIntegerField(default=0)) for name in SUMS),
        migrations.AddField("batch", "sealed_on", models.DateField(null=True)),
        migrations.RunPython(sum_up, migrations.RunPython.noop),
    ]
