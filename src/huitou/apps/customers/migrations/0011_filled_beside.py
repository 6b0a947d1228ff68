from django.db import migrations, models

from huitou.apps.base.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("customers", "0010_stale_by_store"),
    ]

    operations = [
        AddIndexBeside(
            model_name="person",
            index=models.Index(
                fields=["home_store_id", "is_live", "source_count", "completeness_share", "is_member", "filled_bits"],
                name="person_columns_of_lists",
            ),
        ),
    ]
