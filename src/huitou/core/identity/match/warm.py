"""Compile every kernel once, so that later processes read them from the cache: python -m huitou.core.identity.match.warm"""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.blocks import block_keys
from huitou.core.identity.match.engine import match
from huitou.core.identity.match.features import KIND_FIELDS, Features, gather
from huitou.core.identity.policy import DEFAULT_POLICY, KINDS
from huitou.core.identity.resolve import resolve

_TEXTS = ("name", *KIND_FIELDS, "gender", "birthday", "address", "store_id")
_PARSERS = "parsers"  # the argument of the process that compiles these alone


def warm() -> None:
    """Run every kernel on a few records with text ids and further identifiers."""
    sources = _sources()
    more = pa.table({"record_id": ["a1", "a2"], "kind_code": ["card", "card"], "value": ["66010001", "66010001"]})
    first = resolve(sources, identifiers=more, joins=[("a1", "a3"), ("a2", "a3")])
    for table in (first.edges, first.review, first.hubs, first.households):
        assert table.num_rows >= 0
    block_keys(sources, identifiers=more)
    resolve(sources, model=replace(first.model, records=3))


def compile_all() -> None:
    """Fill the cache: the parsers are half of the work and are compiled in a process of their own, beside the matcher."""
    with subprocess.Popen([sys.executable, "-m", "huitou.core.identity.match.warm", _PARSERS]) as parsers:
        _match_nobody()
    if parsers.returncode:
        raise RuntimeError(f"compiling the parsers ended with code {parsers.returncode}")
    warm()


def _sources() -> dict[str, pa.Table]:
    columns = {name: pa.array(["1391112222", None, "x"], pa.string()) for name in _TEXTS}
    return {"a": pa.table({"record_id": pa.array(["a1", "a2", "a3"]), **columns})}


def _match_nobody() -> None:
    """Run the matcher on three records that say nothing and are joined by hand."""
    nothing, count = np.empty(0, np.int64), 3
    spans = np.zeros((len(KINDS), 1), np.int64)
    matrix = np.zeros((count, f.WIDTH), np.int64)
    records = Features(pa.array(["a", "b", "c"]), np.arange(count), matrix, nothing, spans, None, ())
    match(records, DEFAULT_POLICY, np.array([0 * count + 2, 1 * count + 2]), nothing, None)


if __name__ == "__main__":
    if sys.argv[1:] == [_PARSERS]:
        gather(_sources(), None)
    else:
        compile_all()
