"""Compile every kernel once, so that later processes read them from the cache: python -m huitou.core.identity.match.warm"""

from dataclasses import replace

import pyarrow as pa

from huitou.core.identity.match.blocks import block_keys
from huitou.core.identity.match.features import KIND_FIELDS
from huitou.core.identity.resolve import resolve

_TEXTS = ("name", *KIND_FIELDS, "gender", "birthday", "address", "store_id")


def warm() -> None:
    """Run every kernel on a few records with text ids and further identifiers."""
    columns = {name: pa.array(["1391112222", None, "x"], pa.string()) for name in _TEXTS}
    sources = {"a": pa.table({"record_id": pa.array(["a1", "a2", "a3"]), **columns})}
    more = pa.table({"record_id": ["a1", "a2"], "kind_code": ["card", "card"], "value": ["66010001", "66010001"]})
    first = resolve(sources, identifiers=more, joins=[("a1", "a3"), ("a2", "a3")])
    for table in (first.edges, first.review, first.hubs, first.households):
        assert table.num_rows >= 0
    block_keys(sources, identifiers=more)
    resolve(sources, model=replace(first.model, records=3))


if __name__ == "__main__":
    warm()
