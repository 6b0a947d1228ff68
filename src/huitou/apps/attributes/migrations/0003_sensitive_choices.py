from django.db import migrations, models


def hash_choices(apps, schema_editor):
    """Give the sealed choices that are there the keyed hash that filters look for."""
    from huitou.apps.attributes.values import match_hash, value_context
    from huitou.apps.base.secrets import keyring

    values = apps.get_model("attributes", "AttributeValue").objects
    wanted = apps.get_model("attributes", "Attribute").objects.filter(is_sensitive=True, type_code="choice")
    for attribute_id in wanted.values_list("pk", flat=True):
        sealed = values.filter(attribute_id=attribute_id, is_readable=True, match_hash=None).exclude(sealed=None)
        while rows := list(sealed.only("record_id", "sealed")[:1_000]):
            for row in rows:
                context = value_context(attribute_id, row.record_id)
                row.match_hash = match_hash(attribute_id, keyring().decrypt(bytes(row.sealed), context=context).decode())
            values.bulk_update(rows, ["match_hash"])


class Migration(migrations.Migration):
    dependencies = [("attributes", "0002_amounts")]

    operations = [
        migrations.AddField("attribute", "purpose_code", models.CharField(default="personal", max_length=16)),
        migrations.AddField("attributevalue", "match_hash", models.BigIntegerField(null=True)),
        migrations.RunPython(hash_choices, migrations.RunPython.noop),
    ]
