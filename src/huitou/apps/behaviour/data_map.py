"""What the tables of views, reviews and other events hold."""

from huitou.apps.base.classified import Keep, Purpose, Table

TABLES = (
    Table(
        "behaviour.BehaviourEvent", Purpose.SERVICE, Keep.PERSON,
        sensitive="text",
        general="id source_code event_no type_code record_id person_id occurred_at occurred_on store_id product_id rating",
    ),
    Table(
        "behaviour.BehaviourFacts", Purpose.ANALYSIS, Keep.PERSON,
        sensitive="last_view_on last_search_on last_cart_on last_pay_on last_review_on last_rating last_community_on",
        general="person_id",
    ),
    Table(
        "behaviour.PersonContact", Purpose.ANALYSIS, Keep.PERSON,
        general="id person_id channel_code touches answers",
    ),
)  # fmt: skip
