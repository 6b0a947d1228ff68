"""
Features of a handful of records straight from Python texts: what `features.gather` gives, without Arrow tables in between.

For a few records making the tables takes longer than parsing them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.features import (
    KIND_COLUMNS,
    KIND_PARSERS,
    PARSERS,
    Extras,
    Features,
    link_spans,
)
from huitou.core.identity.match.sources import Piece
from huitou.core.identity.policy import KINDS
from huitou.core.identity.resolve import FewRecord, FewValue

Ints = npt.NDArray[np.int64]
_KIND_OF = {kind: place for place, kind in enumerate(KINDS)}
_LEASED = (_KIND_OF["phone"], _KIND_OF["email"])  # kinds that somebody else holds once they ended


def features_of_few(records: Sequence[FewRecord], values: Iterable[FewValue]) -> Features:
    """Return the features of records whose ids differ; of values of other records nothing is read. No records give none."""
    matrix = np.zeros((len(records), f.WIDTH), np.int64)
    for name, column, parser, more in PARSERS:
        texts = [record.texts.get(name) for record in records]
        if any(texts):
            parser(*_encoded(texts), matrix, 0, column, *more())
    ids = [record.record_id for record in records]
    extras = _extras(values, {record_id: row for row, record_id in enumerate(ids)}, matrix)
    links, spans = link_spans(extras, matrix)
    return Features(pa.array(ids, pa.int64()), np.array(ids, np.int64), matrix, links, spans, extras, (_FewSource(records),))


def _encoded(texts: Sequence[str | None]) -> tuple[Any, int, Any, Any]:
    """Return texts as the parsers read a column: no text is an empty one, which says nothing either."""
    encoded = [text.encode() if text else b"" for text in texts]
    places = np.zeros(len(encoded) + 1, np.int32)
    np.cumsum([len(text) for text in encoded], out=places[1:])
    return np.empty(0, np.uint8), 0, places, np.frombuffer(bytearray(b"".join(encoded)), np.uint8)


def _extras(values: Iterable[FewValue], row_of: Mapping[int, int], matrix: Ints) -> Extras | None:
    """
    Return the values that say more than the record's own column does; a verified phone of its own is marked there.

    An ended phone or e-mail is somebody else's by now and is left out.
    """
    by_kind: dict[int, list[FewValue]] = {}
    for value in values:
        kind_code = _KIND_OF[value.kind_code]
        if value.record_id in row_of and not (value.has_ended and kind_code in _LEASED):
            by_kind.setdefault(kind_code, []).append(value)
    found: list[tuple[int, int, int, bool, str]] = []
    for kind_code, held in by_kind.items():
        column = KIND_COLUMNS[kind_code]
        for value, number in zip(held, _codes(kind_code, [value.value for value in held]).tolist(), strict=True):
            at = row_of[value.record_id]
            own = matrix[at, column] == number
            if number <= 0 or (own and not value.is_verified):
                continue
            if own and kind_code == 0:
                matrix[at, f.FACTS] |= np.int64(1) << f.VERIFIED_SHIFT
            else:
                found.append((at, kind_code, number, value.is_verified, value.value))
    if not found:
        return None
    row_list, kind_list, code_list, verified, texts = zip(*found, strict=True)
    row, kind, code = (np.array(part, np.int64) for part in (row_list, kind_list, code_list))
    return Extras(row, kind, code, np.array(verified, bool), pa.array(texts, pa.string()))


def _codes(kind: int, texts: Sequence[str]) -> Ints:
    part = np.zeros((len(texts), f.WIDTH), np.int64)
    parser, more = KIND_PARSERS[kind]
    parser(*_encoded(texts), part, 0, KIND_COLUMNS[kind], *more())
    return part[:, KIND_COLUMNS[kind]]


@dataclass(frozen=True)
class _FewSource:
    """The same records as a source, for whoever wants to read a column of them."""

    records: Sequence[FewRecord]

    @property
    def rows(self) -> int:
        return len(self.records)

    @cached_property
    def table(self) -> pa.Table:
        names = sorted({name for record in self.records for name in record.texts})
        columns = {name: pa.array([record.texts.get(name) for record in self.records], pa.string()) for name in names}
        return pa.table({"record_id": pa.array([record.record_id for record in self.records], pa.int64()), **columns})

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    def readers(self, names: Sequence[str]) -> list[Iterator[Piece]]:
        return [iter([(0, self.table.select(names))])]

    def column(self, name: str) -> pa.ChunkedArray:
        return self.table.column(name)
