import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("value", "0026_contacts"),
    ]

    operations = [
        migrations.AddField(model_name="personvalue", name="first_run_id", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="valuerun", name="moves", field=models.JSONField(null=True)),
        migrations.CreateModel(
            name="MonthMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_id", models.BigIntegerField()),
                ("direction", models.CharField(choices=[("up", "Up"), ("down", "Down")], max_length=4)),
                ("from_code", models.CharField(max_length=24)),
                ("to_code", models.CharField(max_length=24)),
                (
                    "scheme",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="value.tierscheme"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["scheme", "direction", "person_id"], name="month_move_by_direction")],
                "constraints": [models.UniqueConstraint(fields=["person_id", "scheme"], name="month_move_once")],
            },
        ),
    ]
