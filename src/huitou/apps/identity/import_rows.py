"""What became of one customer's rows in an import, sought by a card or phone number. Only for those who may see imports."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.identity.models import Identifier, ImportedPerson, ImportPart, Membership, SourceRecord
from huitou.apps.intake.imports import ImportView, RefusedRow, imports_readable, refused_rows_with
from huitou.apps.intake.queries import import_batches
from huitou.connectors.files.fields import FILE_KINDS
from huitou.core.identity.normalise import KIND_NORMALISERS
from huitou.warehouse.landing.read import read_table

NUMBER_KINDS = ("card", "phone")
MOST_RECORDS = 50  # a value that more records of one source hold is no customer's number
MOST_LINES = 20  # of one customer, and of the refused rows
_TABLES = {"customer": "records", "order": "lines", "points": "points", "ticket": "tickets", "event": "events"}


@dataclass(frozen=True, slots=True)
class LandedRows:
    """
    A customer's rows that were written. person_id: None while nobody has been sought for them; lines: at most MOST_LINES, of
    the file as it was uploaded; part: what the import did to the person, None where it is not counted yet.
    """

    person_id: int | None
    lines: tuple[int, ...]
    has_more: bool
    part: ImportPart | None


@dataclass(frozen=True, slots=True)
class ImportRows:
    """
    What was found. is_known: a customer of this source has the number, whether or not the import wrote a row of theirs.
    is_shared: so many records hold it that it names no customer, and no written rows are told.
    """

    landed: tuple[LandedRows, ...]
    refused: tuple[RefusedRow, ...]
    is_known: bool
    is_shared: bool


def import_rows_told(view: ImportView) -> bool:
    """Say whether the rows of an import are of customers, so that they can be sought by a number."""
    return FILE_KINDS[view.kind_code].kinds[0] in _TABLES


def import_rows_found(viewer: Viewer, view: ImportView, text: str) -> ImportRows:
    """
    Return the rows of an import in which a card or phone number stands: those written, by customer, and those refused.

    The number leads to its records by an index; their line numbers lie in the batches alone, of which those are read that
    brought them. Rows that repeated what was known are in no batch and have no number: their customer is not among the found.
    A refused row is found by the value as it stands there, too. Raises PermissionError for a viewer who may not see imports.
    """
    if not imports_readable(viewer):
        raise PermissionError(f"role {viewer.role_code} may not read imports")
    plain = unicodedata.normalize("NFKC", text).strip()
    sought = {kind: value for kind in NUMBER_KINDS if (value := KIND_NORMALISERS[kind](plain)) is not None}
    refused = tuple(islice(_refused(viewer, view, plain, sought), MOST_LINES)) if plain else ()
    records = _records(view.source_code, sought)
    if len(records) > MOST_RECORDS:
        return ImportRows((), refused, is_known=True, is_shared=True)
    return ImportRows(tuple(_landed(view, records)), refused, is_known=bool(records), is_shared=False)


def _records(source_code: str, sought: dict[str, str]) -> dict[int, int]:
    """Return {record: the batch that brought its newest content} of one source, at most MOST_RECORDS and one more."""
    ring = keyring()
    hashes = [ring.hash(kind, value) for kind, value in sought.items()]
    holding = Identifier.objects.filter(value_hash__in=hashes).values("record_id")
    rows = SourceRecord.objects.filter(pk__in=holding, source_code=source_code, erased_at=None).order_by("pk")
    return dict(rows.values_list("pk", "batch_id")[: MOST_RECORDS + 1])


def _landed(view: ImportView, records: dict[int, int]) -> Iterator[LandedRows]:
    lines = _lines(view, records) if records else {}
    persons = dict(Membership.objects.filter(record_id__in=list(lines), valid_to=None).values_list("record_id", "person_id"))
    parts = dict(
        ImportedPerson.objects.filter(import_id=view.import_id, person_id__in=list(persons.values())).values_list(
            "person_id", "part_code"
        )
    )
    found: dict[int | None, set[int]] = {}
    for record_id, numbers in lines.items():
        found.setdefault(persons.get(record_id), set()).update(numbers)
    for person_id, numbers in found.items():
        part = parts.get(person_id or 0)
        yield LandedRows(
            person_id,
            tuple(sorted(numbers)[:MOST_LINES]),
            has_more=len(numbers) > MOST_LINES,
            part=None if part is None else ImportPart(part),
        )


def _lines(view: ImportView, records: dict[int, int]) -> dict[int, set[int]]:
    """Return {record: line numbers}; of a file of customers the batches that brought their newest content are read first."""
    kind_code = FILE_KINDS[view.kind_code].kinds[0]
    batch_ids = [batch.pk for batch in import_batches(view.import_id).batches]
    found: dict[int, set[int]] = {}
    if kind_code == "customer":
        newest = set(records.values())
        _collect(found, view, [batch_id for batch_id in batch_ids if batch_id in newest], records)
        batch_ids = [] if records.keys() <= found.keys() else [batch_id for batch_id in batch_ids if batch_id not in newest]
    _collect(found, view, batch_ids, records)
    return found


def _collect(found: dict[int, set[int]], view: ImportView, batch_ids: Iterable[int], records: Collection[int]) -> None:
    table, wanted = _TABLES[FILE_KINDS[view.kind_code].kinds[0]], pa.array(sorted(records), pa.int64())
    for batch_id in batch_ids:
        rows = read_table(layout(), view.source_code, batch_id, table, keyring())
        rows = rows.filter(pc.is_in(rows["record_id"], wanted))
        for record_id, line in zip(rows["record_id"].to_pylist(), rows["row_no"].to_pylist(), strict=True):
            found.setdefault(record_id, set()).add(line)


def _refused(viewer: Viewer, view: ImportView, plain: str, sought: dict[str, str]) -> Iterator[RefusedRow]:
    """Yield the refused rows of which a value is the typed text, or the same number written otherwise."""
    for row in refused_rows_with(viewer, view.import_id, plain[-4:]):
        values = (unicodedata.normalize("NFKC", value).strip(" \"'") for value in row.raw.split(view.delimiter))
        if any(value == plain or any(KIND_NORMALISERS[kind](value) == sought[kind] for kind in sought) for value in values):
            yield row
