"""What nobody stated: ages and genders read from records, and values inferred by rules that people switch on."""

from django.db import models


class PersonDemographic(models.Model):
    """What is known of age and gender, read from the sealed file every night; the day of birth stays in the file."""

    person = models.OneToOneField(
        "customers.Person", primary_key=True, related_name="demographic", db_constraint=False, on_delete=models.DO_NOTHING
    )
    born_month = models.DateField(null=True)  # the first day of the month; null: unknown
    gender_code = models.CharField(max_length=7)  # F, M or core.value.demographics.UNKNOWN
    read_at = models.DateTimeField(db_index=True)  # the state of the file


class InferenceRule(models.Model):
    """Whether an attribute of the chain is filled where nobody stated it. Off until the administrator switches it on."""

    attribute_code = models.CharField(max_length=31, unique=True)
    is_on = models.BooleanField(default=False)
    least_confidence = models.FloatField(default=0.6)  # below it nothing is kept
    switched_by = models.BigIntegerField()
    switched_at = models.DateTimeField()
    refusal = models.CharField(max_length=8, default="")  # of the last run; core.value.inferred
    accuracy = models.FloatField(null=True)  # share of held-back statements the model hit
    baseline = models.FloatField(null=True)  # that the commonest value hit
    learnt = models.BigIntegerField(default=0)
    persons = models.BigIntegerField(default=0)  # with an inferred value
    computed_at = models.DateTimeField(null=True)


class InferredValue(models.Model):
    """What the chain thinks of a person who did not say it; never beside a statement, never of who refused profiling."""

    rule = models.ForeignKey(InferenceRule, on_delete=models.CASCADE)
    person_id = models.BigIntegerField()
    value_code = models.CharField(max_length=100)
    confidence = models.FloatField()  # 0..1
    inferred_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "rule"], name="inferred_value_once")]
        indexes = [models.Index(fields=["rule", "value_code", "person_id"], name="inferred_by_value")]
