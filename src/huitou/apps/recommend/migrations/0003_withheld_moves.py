import django.db.models.deletion
from django.db import migrations, models

# What had moved before moves were kept goes back to whom it was given; what came between is not known.
FILL = """
insert into recommend_withheldmove (withheld_id, event_id, from_person_id, to_person_id, at)
select id, 0, given_to_id, person_id, created_at from recommend_withheld where given_to_id <> person_id and given_to_id <> 0
"""


class Migration(migrations.Migration):
    dependencies = [("recommend", "0002_associations")]

    operations = [
        migrations.CreateModel(
            name="WithheldMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_id", models.BigIntegerField()),
                ("from_person_id", models.BigIntegerField()),
                ("to_person_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("undone_event_id", models.BigIntegerField(null=True)),
                (
                    "withheld",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="moves", to="recommend.withheld"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("undone_event_id", None)), fields=["from_person_id"], name="withheld_move_standing"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("withheld", "event_id"), name="withheld_move_once")],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
