from django.db import migrations

GOALS = (
    ("duplicate_rate_after", "target", "", 0.05),
    ("duplicate_rate_before", "baseline", "", 0.30),
    ("completeness_share", "baseline", "", 0.65),
    ("completeness_share", "target", "", 0.92),
    ("dormancy_rate", "baseline", "2022", 0.45),
)


def add_goals(apps, schema_editor):
    goals = apps.get_model("quality", "Goal")
    for metric_key, kind_code, period_code, share in GOALS:
        goals.objects.get_or_create(
            metric_key=metric_key, kind_code=kind_code, period_code=period_code, defaults={"share": share}
        )


class Migration(migrations.Migration):
    dependencies = [("quality", "0001_initial")]
    operations = [migrations.RunPython(add_goals, migrations.RunPython.noop)]
