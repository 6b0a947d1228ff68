from django.db import migrations, models

from huitou.apps.base.indexes import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("customers", "0012_without_plain_columns"),
        ("value", "0024_counted_paths"),
    ]

    operations = [
        AddIndexBeside(
            model_name="personvalue",
            index=models.Index(
                fields=["tier_1", "clv_12m_fen", "person"],
                condition=models.Q(clv_12m_fen__isnull=False),
                name="person_value_by_tier_and_clv",
            ),
        ),
    ]
