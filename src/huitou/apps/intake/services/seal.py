"""Seal waiting pages into a landing batch: every row typed, checked, numbered and accounted for."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import pyarrow as pa
from django.db import transaction
from django.db.models import Max

from huitou.apps.base import leases
from huitou.apps.base.clock import utc_now
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.accounting import batch_record, day_count, import_count, next_batch_id, quarantine_count, touchpoint_count
from huitou.apps.intake.documents import document_ids_take, documents_known, documents_write
from huitou.apps.intake.inbox import page_content
from huitou.apps.intake.models import Batch, InboxPage, SourceConfig
from huitou.apps.intake.services.pull import cursor_fail
from huitou.apps.intake.sources import config_of, mappings_of, source_open, stream_of
from huitou.apps.products.queries import placeholder_products, placeholder_stores
from huitou.apps.products.services import (
    UNKNOWN_CATEGORY,
    category_ids_ensure,
    category_nodes,
    product_ids_ensure,
    store_ids_ensure,
)
from huitou.connectors.protocol import SourceMisconfigured
from huitou.warehouse.landing.batch import write_batch
from huitou.warehouse.landing.draft import Draft, MappingFailed
from huitou.warehouse.landing.manifest import KindCounts, Manifest, PageEntry
from huitou.warehouse.landing.pages import Page
from huitou.warehouse.landing.schema import TABLES

LEASE = "intake.seal"
_WAIT_SECONDS = 30.0  # for a turn; a batch of a file takes a few seconds
IMPORT_ROWS = 50_000  # of a file, so that a large one needs no more memory than a small one


class ImportPages(StrEnum):
    """Which pages of uploaded files are sealed."""

    NONE = "none"  # what comes by itself only
    LEFT = "left"  # those that nobody is importing: who imports seals its own
    ALL = "all"


class LandingAhead(Exception):
    """The landing holds batches that the operations database has never heard of."""


@dataclass(frozen=True, slots=True)
class SealLimits:
    """How much one batch takes; a single page may be larger than both."""

    rows: int = 300_000
    bytes: int = 96 << 20


@dataclass(frozen=True, slots=True)
class SealOutcome:
    """What sealing one source came to. `error` is empty when its inbox is empty now."""

    source_code: str
    batch_ids: tuple[int, ...] = ()
    error: str = ""


def import_lease(import_id: int) -> str:
    """The lease of whoever brings the rows of an uploaded file."""
    return f"intake.import.{import_id}"


def import_is_running(import_id: int) -> bool:
    """Return whether somebody brings rows of this file now."""
    return leases.is_held(import_lease(import_id), utc_now())


def import_pages_left() -> bool:
    """Return whether pages of an uploaded file wait that nobody is importing."""
    pages = InboxPage.objects.exclude(import_id=None).order_by()
    found = pages.values_list("import_id", flat=True).distinct()
    return any(not import_is_running(import_id) for import_id in found if import_id is not None)


def sources_seal(
    *, now: datetime, limits: SealLimits = SealLimits(), imports: ImportPages = ImportPages.LEFT
) -> list[SealOutcome]:
    """
    Seal everything that waits, source by source; a source that cannot be sealed keeps its pages and stops nobody else.

    What comes meanwhile is left to the next call: where events never stop, sealing would not either, and nothing be applied.
    """
    outcomes = []
    upto = InboxPage.objects.aggregate(last=Max("id"))["last"] or 0
    pages = InboxPage.objects.filter(import_id=None) if imports is ImportPages.NONE else InboxPage.objects.all()
    for code in sorted(pages.order_by().values_list("source_code", flat=True).distinct()):
        batch_ids: list[int] = []
        error = ""
        try:
            while (batch := batch_seal(source_code=code, now=now, limits=limits, imports=imports, upto=upto)) is not None:
                batch_ids.append(batch.pk)
        except (MappingFailed, SourceMisconfigured, LookupError) as refusal:
            error = str(refusal)
            for stream_code in set(InboxPage.objects.filter(source_code=code).values_list("stream_code", flat=True)):
                cursor_fail(code, stream_code, error, now=now)
        outcomes.append(SealOutcome(code, tuple(batch_ids), error))
    return outcomes


def batch_seal(
    *,
    source_code: str,
    now: datetime,
    limits: SealLimits = SealLimits(),
    imports: ImportPages = ImportPages.ALL,
    upto: int | None = None,
) -> Batch | None:
    """
    Seal the oldest waiting pages of one source, those with a higher id than `upto` left out; None when nothing waits any more.

    Pages that bring nothing new (every row known) are counted and put away without a batch. Killed at any moment it
    leaves at most a folder without a Batch row, which the next seal replaces. Raises LeaseTaken while another process seals
    (who seals no imports waits for a turn between two batches of theirs), SourceUnknown, MappingFailed, LandingAhead.
    """
    config = config_of(source_code)
    with leases.hold(LEASE, wait_seconds=_WAIT_SECONDS if imports is ImportPages.NONE else 0.0) as lease:
        while pages := _waiting(source_code, limits, imports, upto):
            batch = _seal(config, pages, lease=lease, now=now)
            if batch is not None:
                return batch
    return None


def _waiting(source_code: str, limits: SealLimits, imports: ImportPages, upto: int | None) -> list[InboxPage]:
    """Return the oldest pages that fit into one batch, at least one. The pages of an import have a batch of their own."""
    sizes = InboxPage.objects.filter(source_code=source_code).order_by("id")
    if upto is not None:
        sizes = sizes.filter(id__lte=upto)
    if imports is ImportPages.NONE:
        sizes = sizes.filter(import_id=None)
    elif imports is ImportPages.LEFT:
        sizes = sizes.exclude(import_id__in=_running_imports(source_code))
    chosen: list[int] = []
    rows = size = 0
    first_import: int | None = None
    for page_id, row_count, byte_count, import_id in sizes.values_list("id", "row_count", "byte_count", "import_id").iterator():
        if not chosen:
            first_import = import_id
        most = limits.rows if first_import is None else min(limits.rows, IMPORT_ROWS)
        if chosen and (rows + row_count > most or size + byte_count > limits.bytes or import_id != first_import):
            break
        chosen.append(page_id)
        rows, size = rows + row_count, size + byte_count
    return list(InboxPage.objects.filter(id__in=chosen).order_by("id"))


def _running_imports(source_code: str) -> list[int]:
    pages = InboxPage.objects.filter(source_code=source_code).exclude(import_id=None).order_by()
    found = pages.values_list("import_id", flat=True).distinct()
    return [import_id for import_id in found if import_id is not None and import_is_running(import_id)]


def _seal(config: SourceConfig, pages: list[InboxPage], *, lease: leases.Held, now: datetime) -> Batch | None:
    batch_id = _free_batch_id()
    draft = Draft(source_code=config.code, now=now, keyring=keyring(), scratch=layout().temporary)
    try:
        _add_pages(draft, config, pages)
        draft.judge(documents_known(draft.keys()))
        new = draft.unnumbered()
        ids = document_ids_take(len(new)) if new else range(0)
        draft.number(pa.table({"document_key": pa.array(new, pa.string()), "document_id": pa.array(ids, pa.int64())}))
        store_ids = store_ids_ensure(draft.codes("store_code"), now=now)
        product_ids = product_ids_ensure(draft.codes("product_code"), now=now)
        tables = draft.tables(store_ids=store_ids, product_ids=product_ids)
        tables["codes"] = _codes(store_ids, product_ids, tables.get("products", TABLES["products"].empty_table()))
        counts, changed = draft.counts(), draft.changed_documents()
        updated, touchpoints = draft.updated(), draft.touchpoints()
    finally:
        draft.close()
    manifest = None
    if changed.num_rows or tables["quarantine"].num_rows:
        manifest = write_batch(
            layout(),
            batch_id=batch_id,
            source_code=config.code,
            tables=tables,
            counts=counts,
            keyring=keyring(),
            sealed_at=now,
            pages=[PageEntry(no, page.stream_code, page.name, page.row_count) for no, page in enumerate(pages, start=1)],
        )
    lease.check()
    return _commit(
        config.code, pages, manifest, counts, changed, tables["quarantine"], updated=updated, touchpoints=touchpoints, now=now
    )


def _codes(store_ids: Mapping[str, int], product_ids: Mapping[str, int], products: pa.Table) -> pa.Table:
    """Return what ids stand for that nothing else in the landing would say: no master data yet, and the category tree."""
    rows = [("store", code, store_id) for code, store_id in sorted(placeholder_stores(store_ids).items())]
    rows += [("product", code, product_id) for code, product_id in sorted(placeholder_products(product_ids).items())]
    if product_ids:
        paths = {UNKNOWN_CATEGORY, *products.column("category_path").to_pylist()}
        categories = category_ids_ensure(paths)
        rows += [("category", path, categories[path]) for path in sorted(category_nodes(paths))]
    return pa.Table.from_pylist(
        [{"noun": noun, "code": code, "id": row_id} for noun, code, row_id in rows], schema=TABLES["codes"]
    )


def _free_batch_id() -> int:
    """
    Return the id after the last batch, and clear away the folder that a crash may have left under it.

    Raises LandingAhead when the landing is further than one batch ahead: then the operations database is an older one, and
    overwriting would lose batches.
    """
    free = next_batch_id()
    ahead = [folder for folder in layout().landing.glob("*/[0-9]*") if int(folder.name) >= free]
    if any(int(folder.name) > free for folder in ahead):
        raise LandingAhead(
            f"the landing holds batch {max(int(folder.name) for folder in ahead)}, the operations database ends at {free - 1}: "
            "restore both from the same backup"
        )
    for folder in ahead:
        shutil.rmtree(folder)
    return free


def _add_pages(draft: Draft, config: SourceConfig, pages: list[InboxPage]) -> None:
    source = source_open(config)
    feeds: dict[tuple[str, str], list[Page]] = {}
    for page_no, page in enumerate(pages, start=1):
        received = Page(page_no, page.stream_code, page.name, page.format_code, page_content(page))
        feeds.setdefault((page.stream_code, page.format_code), []).append(received)
    for (stream_code, _), feed in feeds.items():
        stream = stream_of(source, stream_code)
        draft.add_stream(feed, columns=stream.columns, mappings=mappings_of(config, stream), optional=stream.optional)


@transaction.atomic
def _commit(
    source_code: str,
    pages: list[InboxPage],
    manifest: Manifest | None,
    counts: Mapping[str, KindCounts],
    changed: pa.Table,
    quarantine: pa.Table,
    *,
    updated: Mapping[str, int],
    touchpoints: Mapping[str, int],
    now: datetime,
) -> Batch | None:
    batch = None
    import_id = pages[0].import_id
    if manifest is not None:
        batch = batch_record(manifest, import_id=import_id)
        documents_write(changed, batch_id=manifest.batch_id)
        quarantine_count(manifest, quarantine)
    day_count(source_code, counts, now=now)
    if import_id is not None:
        import_count(import_id, counts, updated)
    else:
        touchpoint_count(source_code, touchpoints, now=now)
    gone, _ = InboxPage.objects.filter(id__in=[page.pk for page in pages]).delete()
    if gone != len(pages):
        raise RuntimeError(f"{len(pages) - gone} of the pages of {source_code} were sealed by somebody else")
    return batch
