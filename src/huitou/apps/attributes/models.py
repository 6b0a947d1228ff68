"""Attributes of customers and types of events that a chain defined itself, and what was observed of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from huitou.core.attributes import AttributeType


class LegalBasis(models.TextChoices):
    """Why data of a third party may be held (PIPL art. 13)."""

    CONSENT = "consent", _("本人同意")
    CONTRACT = "contract", _("履行合同所必需")
    DUTY = "duty", _("履行法定义务")
    PUBLIC = "public", _("本人公开的信息")


class Origin(models.Model):
    """
    Where a definition's data comes from. What a third party delivers is usable with provider, legal basis and expiry only,
    and is gone on the day in `expires_on`.
    """

    code = models.CharField(max_length=31, unique=True)
    title = models.CharField(max_length=40)
    title_en = models.CharField(max_length=40, default="")
    is_third_party = models.BooleanField(default=False)
    provider = models.CharField(max_length=80, default="")
    basis_code = models.CharField(max_length=16, default="")  # LegalBasis, "" none
    expires_on = models.DateField(null=True)
    is_enabled = models.BooleanField(default=True)
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class Attribute(Origin):
    """
    A typed attribute. choices: [{code, title}]. The values of a sensitive one are encrypted and used of those persons only who
    granted its purpose; filters find its choices by keyed hash.
    """

    type_code = models.CharField(max_length=8, choices=[(one.value, one.value) for one in AttributeType])
    choices = models.JSONField(default=list)
    places = models.PositiveSmallIntegerField(default=0)  # of a decimal
    unit = models.CharField(max_length=16, default="")
    is_sensitive = models.BooleanField(default=False)
    purpose_code = models.CharField(max_length=16, default="personal")  # of a sensitive one: what persons must have granted
    stale_after_days = models.PositiveSmallIntegerField(default=180)  # unverified for longer: listed as stale


class EventType(Origin):
    """A type of event beside those that the product knows (a maintenance, a lesson, a night's stay)."""


class AttributeValue(models.Model):
    """
    One observation: what a source said at a moment. It hangs on a record and follows it from person to person.

    Exactly one of the four value columns and `sealed` is set; none where the text could not be read (`is_readable` False: the
    text lies in `sealed`). is_current: the newest readable one of its person and attribute. `sealed` is encrypted with context
    "attributes.value:<attribute>:<record>". match_hash: of a sealed choice, the keyed hash that filters look for.
    """

    attribute_id = models.BigIntegerField()
    event_id = models.BigIntegerField(null=True, unique=True)  # of the landing; null: entered by hand
    record_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(null=True)
    source_code = models.CharField(max_length=32)
    observed_at = models.DateTimeField()
    entered_by = models.BigIntegerField(null=True)
    text_value = models.CharField(max_length=100, null=True)  # of choices: the code
    number_value = models.BigIntegerField(null=True)
    date_value = models.DateField(null=True)
    flag_value = models.BooleanField(null=True)
    sealed = models.BinaryField(null=True)
    match_hash = models.BigIntegerField(null=True)
    is_readable = models.BooleanField(default=True)
    is_current = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["person_id", "attribute_id"], name="attribute_by_person"),
            models.Index(
                fields=["attribute_id", "observed_at", "id"], condition=models.Q(is_current=True), name="attribute_by_age"
            ),
        ]
