"""What people did besides buying: views, searches, carts, payments, reviews, community posts, enquiries, follow-ups."""

from django.db import models


class BehaviourEvent(models.Model):
    """
    One event; the id is the surrogate id that landing gave it. `text` is encrypted with context "behaviour.event:<id>".
    """

    id = models.BigIntegerField(primary_key=True)
    source_code = models.CharField(max_length=32)
    event_no = models.CharField(max_length=64)
    type_code = models.CharField(max_length=32)
    record_id = models.BigIntegerField(null=True, db_index=True)  # null: nobody was named, or erased
    person_id = models.BigIntegerField(null=True)  # whose record it is now; follows every merge and split
    occurred_at = models.DateTimeField()
    occurred_on = models.DateField(null=True)  # business day of occurred_at; null: landed before this was kept
    store_id = models.BigIntegerField(null=True)
    product_id = models.BigIntegerField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)  # 1..5
    text = models.BinaryField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person_id", "-occurred_at"], name="behaviour_by_person")]


class BehaviourFacts(models.Model):
    """When a person last did each thing (business days); no row: never. Filters of lists and segments ask it."""

    person = models.OneToOneField(
        "customers.Person", primary_key=True, related_name="behaviour", db_constraint=False, on_delete=models.DO_NOTHING
    )
    last_view_on = models.DateField(null=True, db_index=True)
    last_search_on = models.DateField(null=True)
    last_cart_on = models.DateField(null=True, db_index=True)
    last_pay_on = models.DateField(null=True)
    last_review_on = models.DateField(null=True)
    last_rating = models.PositiveSmallIntegerField(null=True)
    last_community_on = models.DateField(null=True)


class PersonContact(models.Model):
    """How often a person was touched on a channel, and how often that was answered (core.value.contacts); no row: never."""

    person_id = models.BigIntegerField()
    channel_code = models.CharField(max_length=8)  # core.consent.CHANNELS
    touches = models.PositiveIntegerField()
    answers = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "channel_code"], name="person_contact_once")]
