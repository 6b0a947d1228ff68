"""Records that come one after the other end as the persons that all of them at once give."""

import random
from datetime import UTC, datetime

import pytest
from tests.apps.identity_chain import Chain

from huitou.apps.identity.services import CustomerRecord, map_resolve, records_upsert
from huitou.demo.identities import Recipe
from huitou.demo.identities_leases import record_chunks
from huitou.warehouse.landing.schema import RECORD_TEXT

RECORDS, AT_ONCE = 260, 9
VERSION = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.accept("S22")
def test_a_stream_of_dirty_records_ends_as_one_run_over_everything(chain: Chain):
    rows = [(source, row) for source, table, _ in record_chunks(Recipe(RECORDS, seed=3, dirt=1.5)) for row in table.to_pylist()]
    random.Random(3).shuffle(rows)
    records = [
        CustomerRecord(
            {"member": "membership", "ticket": "aftersales"}.get(source, source), row["record_id"],
            {name: row[name] for name in RECORD_TEXT if row[name]}, VERSION,
            store_id=None if row["store_id"] is None else int(row["store_id"]),
        )
        for source, row in rows
    ]  # fmt: skip
    for first in range(0, RECORDS, AT_ONCE):
        records_upsert(records[first : first + AT_ONCE], now=chain.now)
    streamed = chain.persons()
    assert len(streamed) == RECORDS > len(set(streamed.values()))
    map_resolve(changed=None, now=chain.now)
    assert chain.persons() == streamed


@pytest.mark.django_db
def test_numbers_given_out_in_order_join_nobody_who_comes_after_a_run_over_everything(chain: Chain):
    draw = random.Random(2)
    names = [family + given for family in "王李张刘陈" for given in ("伟", "芳", "秀英", "建国", "敏", "静")]
    rows = [
        {"record_id": 1 + at, "name": draw.choice(names), "member_card": f"VIP{10_001 + at}", "phone": str(13_810_001_000 + at),
         "store_id": 1}
        for at in range(120)
    ]  # fmt: skip
    chain.apply("membership", rows[:60])
    map_resolve(changed=None, now=chain.now)
    for row in rows[60:]:
        chain.apply("membership", [row])
    assert len(set(chain.persons().values())) == 120
    settled = chain.persons()
    map_resolve(changed=None, now=chain.now)
    assert chain.persons() == settled
