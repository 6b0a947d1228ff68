"""Keep a product or a category back, from everybody or from one person; and end that."""

from datetime import date, datetime

from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.products.queries import category_names, products_by_id
from huitou.apps.recommend.models import Withheld, Withholding


class NotThere(Exception):
    """The person is out of reach, or the product, category or row is not there."""


def withheld_set(
    *,
    viewer: Viewer,
    reason: Withholding,
    now: datetime,
    person_id: int | None = None,
    product_id: int | None = None,
    category_id: int | None = None,
    until: date | None = None,
) -> Withheld:
    """
    Keep one product or one category back; the same again changes the last day only. Raises NotThere.

    For one person anybody may who reaches the person; who may for everybody is the caller's to ask.
    """
    if (product_id is None) == (category_id is None):
        raise ValueError("name a product or a category")
    if person_id is not None and not persons_in_reach(viewer).filter(pk=person_id).exists():
        raise NotThere(f"no person {person_id} in reach")
    if product_id is not None and product_id not in products_by_id([product_id]):
        raise NotThere(f"no product {product_id}")
    if category_id is not None and category_id not in category_names():
        raise NotThere(f"no category {category_id}")
    row, is_new = Withheld.objects.get_or_create(
        person_id=person_id,
        product_id=product_id,
        category_id=category_id,
        defaults={
            "reason_code": reason.value,
            "until": until,
            "author_id": viewer.user_id,
            "created_at": now,
        },
    )
    if not is_new:
        Withheld.objects.filter(pk=row.pk).update(until=until, reason_code=reason.value)
    audit_record(
        action_code="recommend.withheld", subject_kind="person" if person_id else "product",
        subject_id=str(person_id or product_id or category_id), now=now, user_id=viewer.user_id,
    )  # fmt: skip
    return row


def withheld_end(*, viewer: Viewer, person_id: int, withheld_id: int, now: datetime) -> None:
    """Recommend to a person again what was kept back. Raises NotThere."""
    row = Withheld.objects.filter(pk=withheld_id, person_id=person_id).first()
    if row is None or not persons_in_reach(viewer).filter(pk=person_id).exists():
        raise NotThere(f"nothing {withheld_id} of person {person_id}")
    row.delete()
    audit_record(
        action_code="recommend.restored", subject_kind="person", subject_id=str(person_id), now=now, user_id=viewer.user_id
    )
