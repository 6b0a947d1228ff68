from django.db import migrations, models

from huitou.apps.base.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL builds an index beside the writers only outside a transaction

    dependencies = [
        ("customers", "0013_by_registration"),
    ]

    operations = [
        AddIndexBeside(
            model_name="person",
            index=models.Index(
                condition=models.Q(("registered_at__isnull", False)),
                fields=["home_store_id", "registered_at", "is_live", "is_member"],
                name="person_by_store_registered",
            ),
        ),
    ]
