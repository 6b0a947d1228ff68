import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0006_completeness_weights"),
        ("value", "0010_moods"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClusterRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_run_id", models.BigIntegerField()),
                ("as_of", models.DateField()),
                ("refusal", models.CharField(default="", max_length=8)),
                ("persons", models.BigIntegerField(default=0)),
                ("k", models.PositiveSmallIntegerField(default=0)),
                ("silhouettes", models.JSONField(default=dict)),
                ("groups", models.JSONField(default=list)),
                ("means", models.JSONField(default=dict)),
                ("computed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PersonCluster",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="cluster",
                        serialize=False,
                        to="customers.person",
                    ),
                ),
                ("code", models.CharField(db_index=True, max_length=8)),
            ],
        ),
    ]
