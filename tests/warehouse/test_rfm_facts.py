"""The facts that RFM is scored from say what a walk over the documents says: returns of every kind, late sales, merges."""

import random

import numpy as np
import pytest
from tests.warehouse.chain import AS_OF, RETURN, SMALL, Chain, Document, Line, days_before, dims, record_map

from huitou.core.value.rfm import Purchases, purchases, rfm
from huitou.core.value.scoring import Facts, purchases_of
from huitou.warehouse.queries.value_features import value_features
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN
from huitou.warehouse.switch import switch
from huitou.warehouse.tail import fold_tail

PEOPLE = {record: 100 + record for record in range(1, 41)}
MERGED = {2: 101, 4: 103, 41: 141}  # two merges and somebody new
EDGES = (0, 1, 89, 90, 363, 364, 365, 366, 400)
ORPHAN, LATE_SALE = 5_007, 8_000


def _documents(rng: random.Random, first: int, count: int, records: range) -> list[Document]:
    """Sales around the edges of the window; of every third something comes back: a line, the whole, or more than was paid."""
    found = []
    for number in range(first, first + count):
        ago = rng.choice(EDGES) if rng.random() < 0.4 else rng.randint(0, 400)
        lines = tuple(Line(rng.randint(1, 8), rng.randint(1, 900)) for _ in range(rng.randint(1, 3)))
        record = rng.choice(records)
        found.append(Document(number, days_before(ago), lines, record_id=record))
        if rng.random() < 0.35:
            back = rng.choice([lines[:1], lines, (*lines, Line(1, 372))])
            day = days_before(rng.randint(0, ago))
            found.append(Document(number + 5_000, day, back, record_id=record, kind=RETURN, net_order_id=number))
    return found


def _walked(documents: list[Document], people: dict[int, int]) -> Purchases:
    rows = [(one, line) for one in documents for line in one.lines]
    persons, orders, fen = (
        np.array(column, dtype=np.int64)
        for column in zip(
            *[
                (people[one.record_id], one.net_order_id or one.order_id, (-1 if one.kind == RETURN else 1) * line.amount_fen)
                for one, line in rows
            ],
            strict=True,
        )
    )
    return purchases(persons, orders, np.array([one.d for one, _ in rows], "datetime64[D]"), fen, as_of=AS_OF)


def _stored(store: Warehouse) -> Purchases:
    with store.read() as reading:
        ids, columns = value_features(reading.cursor, scope=CHAIN)
    return purchases_of(Facts(ids, columns), as_of=AS_OF)


def _rows(found: Purchases) -> list[tuple[int, ...]]:
    columns = (found.person_ids, found.recency_days, found.orders, found.net_fen)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_recency_orders_and_spend_equal_a_walk_over_the_documents(chain: Chain, seed: int):
    rng = random.Random(seed)
    orphan = Document(ORPHAN, days_before(3), (Line(1, 372),), record_id=1, kind=RETURN, net_order_id=LATE_SALE)
    first = [*_documents(rng, 1, 250, range(1, 41)), orphan]
    chain.land(first)
    base = chain.publish(1, PEOPLE)
    with_orphan = _stored(Warehouse(chain.layout))
    assert _rows(with_orphan) == _rows(_walked(first, PEOPLE))

    later = [*_documents(rng, 1_000, 60, range(1, 42)), Document(LATE_SALE, days_before(4), (Line(1, 500),), record_id=1)]
    batch = chain.land(later)
    fold_tail(chain.layout, number=2, base=base.number, batch_ids=[batch], map_changes=record_map(MERGED), erased_record_ids=(),
              as_of=AS_OF, map_seq=1, dims=dims(), limits=SMALL)  # fmt: skip
    switch(chain.layout, base=1, tail=2)
    folded = _stored(Warehouse(chain.layout))
    walked = _walked([*first, *later], {**PEOPLE, **MERGED})
    assert _rows(folded) == _rows(walked)
    scored, again = rfm(folded, as_of=AS_OF), rfm(walked, as_of=AS_OF)
    assert scored is not None
    assert again is not None
    assert scored.cuts == again.cuts


def test_a_return_that_came_before_its_sale_lowers_what_was_spent_until_the_sale_lands(chain: Chain):
    """
    ¥30 bought and ¥3.72 back of a receipt that a till sends late: one order and ¥26.28, as on every page. SQL that sums only
    orders with something left says ¥30: so far apart two correct sums of one buyer can be.
    """
    back = Document(ORPHAN, days_before(3), (Line(1, 372),), record_id=1, kind=RETURN, net_order_id=LATE_SALE)
    bought = Document(1, days_before(9), (Line(1, 3_000),), record_id=1)
    chain.land([bought, back])
    chain.publish(1, {1: 101})
    store = Warehouse(chain.layout)
    assert _rows(_stored(store)) == [(101, 9, 1, 2_628)]
    with store.read() as reading:
        apart = reading.cursor.execute("select sum(net_fen) filter (where net_fen > 0) from orders").fetchall()
    assert apart == [(3_000,)]

    chain.land([Document(LATE_SALE, days_before(4), (Line(1, 372),), record_id=1)])
    chain.publish(2, {1: 101})
    assert _rows(_stored(Warehouse(chain.layout))) == [(101, 9, 1, 3_000)]
