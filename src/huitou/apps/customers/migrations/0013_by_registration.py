from django.db import migrations, models

from huitou.apps.base.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds an index beside the writers only outside a transaction

    dependencies = [
        ("customers", "0012_without_plain_columns"),
    ]

    operations = [
        AddIndexBeside(
            model_name="person",
            index=models.Index(
                condition=models.Q(("registered_at__isnull", False)),
                fields=["registered_at", "home_store_id", "is_live", "is_member"],
                name="person_by_registration",
            ),
        ),
    ]
