"""
Rows of a system that nobody wrote a connector for, brought under the fields of an uploaded file, so that the mapping files of
`connectors/files` read them.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any

from huitou.connectors.files.fields import FILE_KINDS, FileKind, mapping_problems
from huitou.connectors.pages import csv_page
from huitou.connectors.protocol import Cursor, RawPage, SourceMisconfigured, Stream
from huitou.core.periods import BUSINESS_ZONE

SETTINGS = ("kind", "mapping")


@dataclass(frozen=True, slots=True)
class MappedRows:
    """kind: what the rows are; mapping: {field: column of the source, or a path into nested JSON ("address.city")}."""

    kind: FileKind
    mapping: Mapping[str, str]

    @classmethod
    def of(cls, settings: Mapping[str, str], *, source: str) -> "MappedRows":
        """Read the settings `kind` and `mapping` (JSON). Raises SourceMisconfigured."""
        kind = FILE_KINDS.get(settings["kind"])
        if kind is None:
            raise SourceMisconfigured(f"{source}: setting kind must be one of {', '.join(FILE_KINDS)}")
        try:
            mapping = json.loads(settings["mapping"] or "{}")
        except ValueError as error:
            raise SourceMisconfigured(f"{source}: setting mapping is no JSON") from error
        if not isinstance(mapping, dict) or not all(isinstance(value, str) for value in mapping.values()):
            raise SourceMisconfigured(f"{source}: setting mapping must be an object of field: column")
        unknown = sorted(set(mapping) - set(kind.names))
        if unknown:
            raise SourceMisconfigured(f"{source}: setting mapping: no such fields: {', '.join(unknown)}")
        return cls(kind, mapping)

    @property
    def stream(self) -> Stream:
        """The one stream of such a source."""
        return Stream(self.kind.code, self.kind.title.zh, self.kind.kinds, columns=(), optional=self.kind.names)

    def check(self, *, source: str) -> None:
        """Raise SourceMisconfigured while a field that the kind needs has no column: then nothing is fetched."""
        missing = mapping_problems(self.kind, [*self.mapping, *(("updated_at",) if "updated_at" in self.kind.names else ())])
        if missing:
            raise SourceMisconfigured(f"{source}: still without a column: {', '.join(title.zh for title in missing)}")

    def page(self, rows: Iterable[Mapping[str, Any]], *, name: str, now: datetime, next_cursor: Cursor) -> RawPage:
        """Return rows as a CSV page under the fields' names; without a column for the time of change they are as new as now."""
        names = list(self.mapping)
        fixed = [now.astimezone(BUSINESS_ZONE).isoformat(sep=" ", timespec="seconds")]
        stamp = ["updated_at"] if "updated_at" in self.kind.names and "updated_at" not in self.mapping else []
        out = StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*names, *stamp])
        for row in rows:
            writer.writerow([*(text_of(value_at(row, self.mapping[field])) for field in names), *fixed[: len(stamp)]])
        return csv_page(self.kind.code, name, name, out.getvalue().encode("utf-8", "backslashreplace"), next_cursor=next_cursor)


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """Return the value under a name, or under names joined by dots; None where there is none."""
    if path in row:
        return row[path]
    found: Any = row
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def text_of(value: Any) -> str:
    """Write a value as a file would: nothing for null, 1 and 0 for flags, nested ones as JSON; NULs are no text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).replace("\0", "")


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names that a mapping may use, in order of appearance; nested ones joined by dots, one level deep."""
    found: dict[str, None] = {}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, Mapping):
                found |= dict.fromkeys(f"{name}.{inner}" for inner in value)
            else:
                found[name] = None
    return list(found)
