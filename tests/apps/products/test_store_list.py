"""The list of stores: every page in order, there and back, those without a value last, and nothing out of reach."""

from datetime import UTC, date, datetime

import pytest

from huitou.apps.base.fields import NOUN_LABELS, Noun, fields_of
from huitou.apps.base.listing import Asked, cursor_read, sort_columns, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.products.models import Store
from huitou.apps.products.queries import store_count, store_page
from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.tree import EVERYTHING, Condition, Operator

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
CHAIN = Viewer(1, "manager", None)
STRANGER = Viewer(2, "store_manager", frozenset())


@pytest.fixture
def stores() -> list[Store]:
    """Nine stores with ties and three without a day or an area."""
    made = [
        Store(
            code=f"S{number:02}", name=f"店{number}", region_code="EW"[number % 2], region_name="东西"[number % 2],
            opened_on=date(2020, 1, 1 + number % 2) if number % 3 else None, area_m2=100 * (number % 4) if number % 3 else None,
            updated_at=NOW,
        )
        for number in (4, 1, 9, 3, 7, 2, 8, 6, 5)
    ]  # fmt: skip
    Store.objects.bulk_create(made)
    return list(Store.objects.all())


def asked(viewer: Viewer, order: str, *, filters=EVERYTHING, at: str | None = None, limit: int = 2) -> Asked:
    entries = fields_of(Noun.STORE, viewer)
    sort = sort_read(order, sort_columns(entries))
    catalogue = Catalogue(NOUN_LABELS[Noun.STORE], tuple(entry.field for entry in entries))
    return Asked(catalogue, sort, NOW.date(), filters, cursor_read(at, sort.column) if at else None, limit=limit)


@pytest.mark.parametrize("code", ["code", "opened_on", "area_m2", "region", "id"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_hold_every_store_once_in_order_there_and_back(stores, code: str, sign: str):
    path = {"region": "region_code"}.get(code, code)

    def place(store: Store) -> tuple[bool, str, int]:
        value = getattr(store, path)
        return (value is None, "" if value is None else f"{value:05}" if isinstance(value, int) else str(value), store.pk)

    valued = sorted((one for one in stores if getattr(one, path) is not None), key=place, reverse=sign == "-")
    without = sorted((one for one in stores if getattr(one, path) is None), key=place, reverse=sign == "-")
    expected = [store.pk for store in (*valued, *without)]
    forward, page = [], store_page(CHAIN, asked(CHAIN, sign + code))
    while True:
        forward += [row.row_id for row in page.rows]
        if page.next_cursor is None:
            break
        page = store_page(CHAIN, asked(CHAIN, sign + code, at=page.next_cursor))
    assert forward == expected
    back = [row.row_id for row in page.rows]
    while page.previous_cursor is not None:
        page = store_page(CHAIN, asked(CHAIN, sign + code, at=page.previous_cursor))
        back = [row.row_id for row in page.rows] + back
    assert back == expected


def test_a_filter_is_counted_and_a_stranger_sees_nothing(stores):
    only = Viewer(3, "store_manager", frozenset({stores[0].pk}))
    east = Condition("region", Operator.EQ, "E")
    assert store_count(CHAIN, asked(CHAIN, "code", filters=east)).value == 4
    assert [row.row_id for row in store_page(only, asked(only, "code")).rows] == [stores[0].pk]
    assert store_page(STRANGER, asked(STRANGER, "code")).rows == ()
    assert [entry.field.name for entry in fields_of(Noun.STORE, STRANGER) if entry.field.name == "region"] == []
