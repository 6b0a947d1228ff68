"""
Erasure: the one thing that rewrites a batch. The record part loses the rows of the erased records, the line part keeps the
sale and loses the link. Every rewritten file is logged with its old and new hash in erasures.jsonl beside the batches; a
restore replays the log.
"""

import json
import os
import re
import shutil
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from huitou.core.crypto import Keyring
from huitou.warehouse.landing.batch import MANIFEST_NAME
from huitou.warehouse.landing.files import entry_of, file_name, sync_folder, table_bytes, write_synced
from huitou.warehouse.landing.manifest import Manifest
from huitou.warehouse.landing.read import manifest as manifest_of
from huitou.warehouse.landing.read import manifest_at, manifests, read_table
from huitou.warehouse.landing.schema import PERSONAL, TABLES
from huitou.warehouse.layout import Layout

LOG_NAME = "erasures.jsonl"

# tables whose rows are the person's own and go; in every other table with a record_id only the link goes
_OWN_ROWS = ("records", "identifiers", "balances")
# texts hang on a ticket or an event; the link lies in the line part beside them
_TEXT_OWNERS = {"ticket": ("tickets", "ticket_id"), "event": ("events", "event_id")}

# where a record says who it is, in ways that a refused row would repeat
_MARK_COLUMNS = ("phone", "member_card", "wx_openid", "wx_unionid", "email")
_MARK_LENGTH = 8  # a shorter value stands in strangers' rows by chance
_PHONE_DIGITS = 11  # without the country code
_BETWEEN = re.compile(r"[\s\-()（）]")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """One line of the log. An emptied file is gone: its new hash is empty."""

    at: str
    batch_id: int
    source_code: str
    file: str
    old_sha256: str
    new_sha256: str
    record_ids: tuple[int, ...]


def erase_records(
    layout: Layout, record_ids: Collection[int], keyring: Keyring, *, now: datetime, batch_ids: Collection[int] | None = None
) -> list[Rewritten]:
    """
    Take the records out of every batch (or those named) and return what was rewritten; running it again rewrites nothing.

    Also gone: refused rows, in any batch, that hold a phone, card, openid or e-mail of the records or came from the same page
    and row, and texts of tickets and events of the records. Killed in the middle it is finished by running it again: the
    refused rows go first, while the records still say what to look for.
    """
    erased = pa.array(sorted(set(record_ids)), pa.int64())
    finish_interrupted(layout)
    every = manifests(layout, batch_ids=batch_ids)
    naming = [manifest for manifest in every if _names_any(layout, manifest, erased, keyring)]
    marks = frozenset(mark for manifest in naming for mark in _marks(layout, manifest, erased, keyring))
    steps = [(manifest, _refused_without(layout, manifest, marks, keyring)) for manifest in every if marks]
    done: list[Rewritten] = []
    for manifest, changed in steps:
        if changed:
            done += _rewrite(layout, manifest, changed, keyring, tuple(erased.to_pylist()), now)
    for manifest in naming:
        renewed = manifest_of(layout, manifest.source_code, manifest.batch_id)
        if changed := _without(layout, renewed, erased, keyring):
            done += _rewrite(layout, renewed, changed, keyring, tuple(erased.to_pylist()), now)
    return done


def _marks(layout: Layout, manifest: Manifest, erased: pa.Array, keyring: Keyring) -> set[str]:
    """Return the values by which a refused row of the erased records can be told, squeezed."""
    records, identifiers = (
        read_table(layout, manifest.source_code, manifest.batch_id, table, keyring) for table in ("records", "identifiers")
    )
    records = records.filter(pc.is_in(records["record_id"], erased))
    identifiers = identifiers.filter(pc.is_in(identifiers["record_id"], erased))
    held = [(name, value) for name in _MARK_COLUMNS for value in records[name].to_pylist() if value]
    held += zip(identifiers["kind_code"].to_pylist(), identifiers["value"].to_pylist(), strict=True)
    marks = {_squeezed(value)[-_PHONE_DIGITS if kind == "phone" else 0 :] for kind, value in held}
    return {mark for mark in marks if len(mark) >= _MARK_LENGTH}


def _squeezed(text: str) -> str:
    return _BETWEEN.sub("", text)


def _refused_without(layout: Layout, manifest: Manifest, marks: Collection[str], keyring: Keyring) -> dict[str, pa.Table]:
    """Return the batch's refused rows without those that hold a mark; nothing when none does."""
    if not manifest.rows("quarantine"):
        return {}
    refused = read_table(layout, manifest.source_code, manifest.batch_id, "quarantine", keyring)
    texts = [_squeezed(raw or "") for raw in refused["raw"].to_pylist()]
    kept = [not any(mark in text for mark in marks) for text in texts]
    return {} if all(kept) else {"quarantine": refused.filter(pa.array(kept))}


def finish_interrupted(layout: Layout) -> None:
    """Complete the rewrites that a kill cut short; a batch is whole again afterwards, in its old or its new form."""
    for scratch in layout.landing.glob("*/.*.erase"):
        if (scratch / MANIFEST_NAME).exists():  # written last: everything else is there, or already in place
            _swap(scratch.with_name(scratch.name.removeprefix(".").removesuffix(".erase")), scratch)
        else:
            shutil.rmtree(scratch)


def erasures(layout: Layout) -> list[Rewritten]:
    """Return the log, oldest first."""
    path = layout.landing / LOG_NAME
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text().splitlines() if line]
    return [Rewritten(**{**row, "record_ids": tuple(row["record_ids"])}) for row in rows]


def _names_any(layout: Layout, manifest: Manifest, erased: pa.Array, keyring: Keyring) -> bool:
    """Tell whether a batch names one of the records; reads one column where it can."""
    for table, schema in TABLES.items():
        if "record_id" not in schema.names or not manifest.rows(table):
            continue
        if table in PERSONAL:
            column = read_table(layout, manifest.source_code, manifest.batch_id, table, keyring)["record_id"]
        else:
            path = layout.batch(manifest.source_code, manifest.batch_id) / file_name(table)
            column = pq.read_table(path, columns=["record_id"])["record_id"]
        if pc.any(pc.is_in(column, erased)).as_py():
            return True
    return False


def _without(layout: Layout, manifest: Manifest, erased: pa.Array, keyring: Keyring) -> dict[str, pa.Table]:
    """Return the tables of a batch that change, without the erased records."""
    found = {
        table: read_table(layout, manifest.source_code, manifest.batch_id, table, keyring)
        for table in TABLES
        if manifest.rows(table) and table != "documents"
    }
    changed: dict[str, pa.Table] = {}
    rows_of_erased: set[tuple[int, int]] = set()
    for table, rows in found.items():
        if "record_id" not in rows.column_names:
            continue
        hit = pc.is_in(rows["record_id"], erased)
        if not pc.any(hit).as_py():
            continue
        gone = rows.filter(hit)
        rows_of_erased |= set(zip(gone["page_no"].to_pylist(), gone["row_no"].to_pylist(), strict=True))
        changed[table] = rows.filter(pc.invert(hit)) if table in _OWN_ROWS else _unlinked(rows, hit)
    if "texts" in found and (texts := _texts_without(found, erased)).num_rows != found["texts"].num_rows:
        changed["texts"] = texts
    if "quarantine" in found and rows_of_erased:
        kept = [(row["page_no"], row["row_no"]) not in rows_of_erased for row in found["quarantine"].to_pylist()]
        if not all(kept):
            changed["quarantine"] = found["quarantine"].filter(pa.array(kept))
    return changed


def _unlinked(rows: pa.Table, hit: pa.ChunkedArray) -> pa.Table:
    place = rows.column_names.index("record_id")
    return rows.set_column(place, "record_id", pc.if_else(hit, pa.scalar(None, pa.int64()), rows["record_id"]))


def _texts_without(found: dict[str, pa.Table], erased: pa.Array) -> pa.Table:
    texts = found["texts"]
    keep = pa.array([True] * texts.num_rows)
    for kind, (table, key) in _TEXT_OWNERS.items():
        if table in found:
            owned = found[table].filter(pc.is_in(found[table]["record_id"], erased))[key]
            mine = pc.and_(pc.equal(texts["subject_kind"], kind), pc.is_in(texts["subject_id"], owned))
            keep = pc.and_(keep, pc.invert(mine))
    return texts.filter(keep)


def _rewrite(
    layout: Layout,
    manifest: Manifest,
    changed: dict[str, pa.Table],
    keyring: Keyring,
    record_ids: tuple[int, ...],
    now: datetime,
) -> list[Rewritten]:
    """Write everything beside the batch, log it, then swap; `finish_interrupted` ends what a kill cut short."""
    folder = layout.batch(manifest.source_code, manifest.batch_id)
    files = dict(manifest.files)
    contents: dict[str, bytes] = {}
    log = []
    for table, rows in changed.items():
        name = file_name(table)
        old = files.pop(name)
        new_sha256 = ""
        if rows.num_rows:
            content = table_bytes(
                table,
                rows.cast(TABLES[table]),
                source_code=manifest.source_code,
                batch_id=manifest.batch_id,
                keyring=keyring,
            )
            contents[name] = content
            entry = entry_of(rows.num_rows, content)
            files[name], new_sha256 = entry, entry.sha256
        log.append(Rewritten(now.isoformat(), manifest.batch_id, manifest.source_code, name, old.sha256, new_sha256, record_ids))
    scratch = folder.with_name(f".{folder.name}.erase")
    scratch.mkdir()
    for name, content in contents.items():
        write_synced(scratch / name, content)
    _log_append(layout.landing / LOG_NAME, log)
    write_synced(scratch / MANIFEST_NAME, replace(manifest, files=files).to_json().encode())
    sync_folder(scratch)
    _swap(folder, scratch)
    return log


def _swap(folder: Path, scratch: Path) -> None:
    """Move the new files in and take those away that the new manifest does not name; the manifest goes last."""
    new = manifest_at(scratch)
    for path in scratch.iterdir():
        if path.name != MANIFEST_NAME:
            os.replace(path, folder / path.name)
    for path in folder.iterdir():
        if path.name != MANIFEST_NAME and path.name not in new.files:
            path.unlink()
    sync_folder(folder)
    os.replace(scratch / MANIFEST_NAME, folder / MANIFEST_NAME)
    sync_folder(folder)
    scratch.rmdir()


def _log_append(path: Path, lines: list[Rewritten]) -> None:
    with path.open("a", encoding="utf-8") as handle:
        for line in lines:
            handle.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    sync_folder(path.parent)
