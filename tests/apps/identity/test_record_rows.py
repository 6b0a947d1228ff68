"""New records column by column, against the way over one object each."""

from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from huitou.apps.identity.census import record_bits
from huitou.apps.identity.content import Content, content_context
from huitou.apps.identity.record_rows import RECORD_COLUMNS, plain_rows
from huitou.core.crypto import generate_keyring
from huitou.warehouse.landing.schema import RECORD_TEXT, TABLES

RING = generate_keyring()
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
MOMENTS = st.none() | st.datetimes(NOW.replace(year=1990, tzinfo=None), NOW.replace(tzinfo=None))
TEXTS = st.none() | st.text(max_size=6) | st.sampled_from(['王"小"芳', "a\\b", "行\n二", "\x7f\x00", "𠮷〇", "/"])
ROWS = st.fixed_dictionaries({
    **dict.fromkeys(RECORD_TEXT, TEXTS), "source_id": st.none() | st.text(min_size=1, max_size=5), "version_at": MOMENTS,
    "registered_at": MOMENTS, "store_id": st.none() | st.integers(1, 99), "phone_verified": st.none() | st.booleans(),
})  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(ROWS, max_size=5))
def test_columns_give_the_rows_that_objects_give(rows):
    table = pa.Table.from_pylist([{**row, "record_id": number} for number, row in enumerate(rows)], schema=TABLES["records"])
    found = plain_rows(RING, table, source_code="pos", batch_id=7, now=NOW)
    assert len(found) == len(rows)
    for number, (row, stored) in enumerate(zip(rows, found, strict=True)):
        texts = {name: row[name] for name in RECORD_TEXT if row[name]}
        content = Content(row["source_id"], texts, ("phone",) if row["phone_verified"] and "phone" in texts else ())
        told = dict(zip(RECORD_COLUMNS, stored, strict=True))
        assert RING.decrypt(told.pop("fields"), context=content_context(number)).decode() == content.to_json()
        version_at, registered_at = (row[name] and row[name].replace(tzinfo=UTC) for name in ("version_at", "registered_at"))
        said = f"{content.to_json()}|{version_at}|{row['store_id']}|{registered_at}"
        assert told == {
            "id": number, "source_code": "pos",
            "source_id_hash": None if row["source_id"] is None else RING.hash("source:pos", row["source_id"]),
            "content_hash": RING.hash("identity.content", said), "version_at": version_at, "store_id": row["store_id"],
            "registered_at": registered_at, "batch_id": 7, "received_at": NOW, "erased_at": None,
            "filled_bits": record_bits(number, "pos", content, row["store_id"]),
        }  # fmt: skip
