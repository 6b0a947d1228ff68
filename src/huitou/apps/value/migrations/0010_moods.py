from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("value", "0009_two_persons"),
    ]

    operations = [
        migrations.CreateModel(
            name="SentimentModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("content", models.BinaryField()),
                ("source_code", models.CharField(max_length=7)),
                ("texts", models.PositiveIntegerField()),
                ("accuracy", models.FloatField()),
                ("baseline", models.FloatField()),
                ("error", models.FloatField()),
                ("trained_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="personvalue",
            name="mood_points",
            field=models.SmallIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="TextMood",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind_code", models.CharField(max_length=8)),
                ("text_id", models.BigIntegerField()),
                ("version_at", models.DateTimeField()),
                ("model_id", models.BigIntegerField(null=True)),
                ("score", models.FloatField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind_code", "text_id"), name="text_mood_once")],
            },
        ),
    ]
