"""Persons as the screens know them: the file, its search keys and the facts published by the warehouse."""

from django.db import models


class Person(models.Model):
    """
    One human being. The id is opaque and never used again; a person that was merged away or erased keeps its row.

    `profile` is the encrypted survivorship result, JSON {field: {value, record_id, source_code, observed_at}};
    decrypt it with context "customers.person:<id>".
    """

    profile = models.BinaryField(null=True)  # null once merged away or erased
    home_store_id = models.BigIntegerField(null=True)
    source_count = models.PositiveSmallIntegerField(default=0)
    record_count = models.PositiveIntegerField(default=0)
    is_member = models.BooleanField(default=False)  # has a membership card
    completeness_share = models.FloatField(default=0)  # 0..1, weighted share of filled key fields
    filled_bits = models.SmallIntegerField(null=True)  # completeness.filled_bits without the store, which orders may set
    look_alike_hash = models.BigIntegerField(null=True)  # of full name and birthday; null: one of them is unknown
    home_hash = models.BigIntegerField(null=True)  # of the home address down to the room; null: none so precise is known
    of_age_on = models.DateField(null=True)  # of who was under 14 when the file was written: the 14th birthday
    oldest_value_on = models.DateField(null=True)  # the day on which the value of the file that is oldest was last told
    registered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    merged_into_id = models.BigIntegerField(null=True)  # the survivor
    erased_at = models.DateTimeField(null=True)
    is_live = models.BooleanField(default=True)  # has records: neither merged away, emptied by a split, nor erased

    class Meta:
        indexes = [
            # Holds every plain column that lists ask for, so that a search for a rare value never reads the files themselves.
            # Not cut to the living: SQLite answers from an index alone only where it holds every column asked for.
            models.Index(
                fields=["home_store_id", "is_live", "source_count", "completeness_share", "is_member", "filled_bits"],
                name="person_columns_of_lists",
            ),
            models.Index(fields=["of_age_on"], condition=models.Q(of_age_on__isnull=False), name="person_minors"),
            models.Index(fields=["oldest_value_on", "home_store_id", "is_live"], name="person_by_oldest_value"),
            models.Index(fields=["home_store_id", "is_live", "oldest_value_on"], name="person_by_store_and_oldest"),
            models.Index(
                fields=["registered_at", "home_store_id", "is_live", "is_member"],
                condition=models.Q(registered_at__isnull=False),
                name="person_by_registration",
            ),
            # The newcomers of one store: by the store alone its planners would look at everybody there.
            models.Index(
                fields=["home_store_id", "registered_at", "is_live", "is_member"],
                condition=models.Q(registered_at__isnull=False),
                name="person_by_store_registered",
            ),
            models.Index(fields=["home_hash"], condition=models.Q(home_hash__isnull=False), name="person_by_home"),
        ]


class CompletenessWeights(models.Model):
    """How the key fields are weighed from `saved_at` on; the newest row holds. weights: {field: share}, they sum to 1."""

    weights = models.JSONField()
    saved_at = models.DateTimeField()
    by = models.BigIntegerField()


class SearchKey(models.Model):
    """A keyed hash under which a person is found. Kinds: phone, phone_tail, card, card_tail, email, name, surname, initials."""

    key_hash = models.BigIntegerField()
    person_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_hash", "person_id"], name="search_key_once")]
        indexes = [models.Index(fields=["person_id"], name="search_key_by_person")]


class PersonFacts(models.Model):
    """
    What the warehouse knows of a person's purchases, as last published; a person newer than that has no row yet.

    The columns are those of `warehouse.facts_schema`; only the publisher writes them. Dates are business dates, money is net
    of returns where it says net.
    """

    person = models.OneToOneField(
        Person, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="facts"
    )
    first_date = models.DateField(null=True)
    last_date = models.DateField(null=True)
    orders_count = models.BigIntegerField()
    order_days = models.BigIntegerField()
    net_fen = models.BigIntegerField()
    gross_fen = models.BigIntegerField()
    refund_fen = models.BigIntegerField()
    discount_fen = models.BigIntegerField()
    items_milli = models.BigIntegerField()
    orders_30d = models.BigIntegerField()
    orders_90d = models.BigIntegerField()
    orders_365d = models.BigIntegerField()
    net_30d_fen = models.BigIntegerField()
    net_90d_fen = models.BigIntegerField()
    net_365d_fen = models.BigIntegerField()
    online_orders = models.BigIntegerField()
    store_orders = models.BigIntegerField()
    main_store_id = models.IntegerField(null=True)
    lines_count = models.BigIntegerField()
    discounted_lines = models.BigIntegerField()
    price_sensitivity = models.IntegerField(null=True)  # 1..5, with the cut values of the last base
    top_category_id = models.IntegerField(null=True)
    second_category_id = models.IntegerField(null=True)
    third_category_id = models.IntegerField(null=True)
    top_category_fen = models.BigIntegerField()
    return_orders = models.BigIntegerField()
    max_order_fen = models.BigIntegerField()
    points_balance = models.BigIntegerField()
    version = models.BigIntegerField()  # the published version that wrote the row

    class Meta:
        managed = False  # a full publish puts a new table in its place; its indexes get other names
        db_table = "person_facts"
        indexes = [
            models.Index(fields=["last_date", "person"], name="facts_by_last_date"),
            models.Index(fields=["net_365d_fen", "person"], name="facts_by_net_365d"),
            models.Index(fields=["orders_count", "person"], name="facts_by_orders"),
        ]
