"""Groups of persons who are alike."""

from django.db import models


class ClusterRun(models.Model):
    """One grouping of the scored customers, or why there is none (core.value.clusters). The newest good one is in force."""

    value_run_id = models.BigIntegerField()
    as_of = models.DateField()
    refusal = models.CharField(max_length=8, default="")  # few, same
    persons = models.BigIntegerField(default=0)
    k = models.PositiveSmallIntegerField(default=0)
    silhouettes = models.JSONField(default=dict)  # of every k tried
    groups = models.JSONField(default=list)  # {"number", "size", "net_fen", "means", "spreads", "centre"}, by number
    means = models.JSONField(default=dict)  # of all
    computed_at = models.DateTimeField()


class PersonCluster(models.Model):
    """In which group of the newest run a person is."""

    person = models.OneToOneField(
        "customers.Person", primary_key=True, related_name="cluster", db_constraint=False, on_delete=models.DO_NOTHING
    )
    code = models.CharField(max_length=8, db_index=True)  # g and the number of the group
