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
