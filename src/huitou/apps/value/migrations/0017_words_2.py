"""Forget what the first word list read: the next value run reads those texts by the longer one."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Delete the scores that no model gave."""
    apps.get_model("value", "TextMood").objects.filter(model_id=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("value", "0016_by_first_tier"),
    ]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
    ]
