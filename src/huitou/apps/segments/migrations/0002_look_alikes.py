import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("segments", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LookAlike",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_by", models.BigIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("as_of", models.DateField(null=True)),
                ("computed_at", models.DateTimeField(null=True)),
                ("refusal", models.CharField(default="", max_length=8)),
                ("seeds", models.PositiveBigIntegerField(default=0)),
                ("auc", models.FloatField(null=True)),
                ("lowest_auc", models.FloatField(null=True)),
                ("kept", models.PositiveIntegerField(default=0)),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="look_alikes", to="segments.segment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LookAlikeRank",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person_id", models.BigIntegerField(db_index=True)),
                ("rank", models.PositiveIntegerField()),
                ("look_alike", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="segments.lookalike")),
            ],
            options={
                "indexes": [models.Index(fields=["look_alike", "rank", "person_id"], name="look_alike_in_order")],
                "constraints": [models.UniqueConstraint(fields=("look_alike", "person_id"), name="look_alike_person_once")],
            },
        ),
    ]
