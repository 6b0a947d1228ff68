"""Orders as a list: any order of rows, any filter, from anywhere, over base and tail, is what sorting all of them gives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.warehouse.chain import AS_OF, RETURN, Chain, Document, Line, days_before
from tests.warehouse.test_tail import fold

from huitou.apps.sales.order_fields import ORDER_ENTRIES
from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.tree import EVERYTHING, All, Condition, Node, Not, Operator
from huitou.core.labels import Label
from huitou.warehouse.filters import Wanted
from huitou.warehouse.keyset import Keyset
from huitou.warehouse.layout import Layout
from huitou.warehouse.queries import order_list
from huitou.warehouse.queries.order_list import ID, order_row, orders_counted, orders_listed
from huitou.warehouse.reader import Reading, Warehouse
from huitou.warehouse.scope import CHAIN, Scope
from huitou.warehouse.switch import switch

CATALOGUE = Catalogue(Label("订单", "orders"), tuple(entry.field for entry in ORDER_ENTRIES))
ORDERS = 60
PAGE = 7


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """Sixty orders on nine days with many ties, some returned, the newest ones in the tail."""
    chain = Chain(Layout(Path(tmp_path_factory.mktemp("orders"))))
    sales = [
        Document(
            i,
            days_before(i % 9 if i % 10 else 300),
            (Line(1 + i % 3, 100 * (i % 5), i % 2, 1 + i % 4),),
            record_id=None if i % 6 == 0 else 1 + i % 4,
            store_id=1 + i % 3,
            channel=i % 2,
        )
        for i in range(1, ORDERS)
    ]
    returns = [Document(100 + i, AS_OF, sales[i - 1].lines, sales[i - 1].record_id, 1, 0, RETURN, i) for i in (3, 8)]
    chain.land(sales[:50])
    base = chain.publish(1, dict.fromkeys(range(1, 5), 50))
    chain.land([*sales[50:], *returns])
    fold(chain, 2, base, {})
    switch(chain.layout, base=1, tail=2)
    with Warehouse(chain.layout).read() as found:
        yield found


def wanted(node: Node) -> Wanted:
    return Wanted(node, CATALOGUE, AS_OF)


def everything(reading: Reading, scope: Scope, node: Node) -> list[dict[str, Any]]:
    whole = Keyset(ID, "", True, 1_000)
    return orders_listed(reading.cursor, scope=scope, wanted=wanted(node), keyset=whole)


FILTERS: dict[str, Node] = {
    "all": EVERYTHING,
    "online": Condition("channel", Operator.EQ, "online"),
    "anonymous": Condition("buyer", Operator.EQ, "anonymous"),
    "returned": Condition("returned", Operator.GT, 0),
    "not of the last days": All((Not(Condition("days_since", Operator.LTE, 2)), Condition("net", Operator.GTE, 100))),
    "one": Condition("number", Operator.EQ, "NO8"),
    "product 2": Condition("product", Operator.EQ, "P2"),
    "not product 2": Condition("product", Operator.NOT_IN, ("P2", "P404")),
    "none": Condition("number", Operator.EQ, "NO999"),
}


@pytest.mark.parametrize("node", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("column", ["", "d", "net_fen", "items"])
@pytest.mark.parametrize("descending", [True, False])
def test_pages_walk_through_all_that_match_and_back(reading: Reading, monkeypatch, node: Node, column: str, descending: bool):
    monkeypatch.setattr(order_list, "_PROBED_ROWS", 12)
    rows = everything(reading, CHAIN, node)
    expected = [row[ID] for row in sorted(rows, key=lambda row: (row[column or ID], row[ID]), reverse=descending)]

    def walk(backward: bool, start: tuple[Any, int] | None) -> tuple[list[int], Any]:
        found: list[int] = []
        while True:
            keyset = Keyset(ID, column, descending, PAGE, start, backward)
            page = orders_listed(reading.cursor, scope=CHAIN, wanted=wanted(node), keyset=keyset)
            found += [row[ID] for row in page]
            if page:
                start = (page[-1][column or ID], page[-1][ID])
            if len(page) < PAGE:
                return found, start

    forward, last = walk(False, None)
    assert forward == expected
    if last is not None:
        assert walk(True, last)[0] == expected[-2::-1]
    assert orders_counted(reading.cursor, scope=CHAIN, wanted=wanted(node)) == len(expected)


def test_the_filters_mean_what_they_say(reading: Reading):
    found = {name: everything(reading, CHAIN, node) for name, node in FILTERS.items()}
    assert len(found["all"]) == ORDERS - 1
    assert {row["channel"] for row in found["online"]} == {1}
    assert {row["record_id"] for row in found["anonymous"]} == {None}
    assert sorted(row[ID] for row in found["returned"]) == [3, 8]
    assert all((AS_OF - row["d"]).days > 2 and row["net_fen"] >= 100 for row in found["not of the last days"])
    assert [row[ID] for row in found["one"]] == [8]
    assert [row[ID] % 3 for row in found["product 2"]] == [1] * 20
    assert {row[ID] % 3 for row in found["not product 2"]} == {0, 2}
    assert len(found["not product 2"]) == ORDERS - 1 - 20
    assert found["none"] == []


def test_another_store_lists_counts_and_opens_nothing(reading: Reading):
    node = Condition("store", Operator.EQ, 1)  # naming the store opens nothing
    for scope in (Scope((4,)), Scope(())):
        assert everything(reading, scope, EVERYTHING) == everything(reading, scope, node) == []
        assert orders_counted(reading.cursor, scope=scope, wanted=wanted(node)) == 0
        assert order_row(reading.cursor, scope=scope, net_order_id=3) is None
    assert {row["store_id"] for row in everything(reading, Scope((1,)), EVERYTHING)} == {1}
    assert order_row(reading.cursor, scope=Scope((1,)), net_order_id=3) is not None
