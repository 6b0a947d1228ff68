"""Undo an import: its batches no longer count, and what earlier files said is true again."""

import shutil
from contextlib import ExitStack
from datetime import datetime
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huitou.apps.base import hooks, leases
from huitou.apps.base.audit import audit_record
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.intake.documents import documents_write
from huitou.apps.intake.models import Batch, BatchState, Document, ImportRun, ImportState, InboxPage, QuarantineCount
from huitou.apps.intake.services.apply import Lane
from huitou.apps.intake.services.seal import LEASE, import_lease
from huitou.connectors.files.fields import FILE_KINDS
from huitou.core.labels import Refusal, mark
from huitou.warehouse.landing.read import read_table

UNDOABLE_KINDS = frozenset(FILE_KINDS) - {"products", "stores"}


class UndoRefused(Refusal):
    """The import cannot be undone; the message says why and what to do instead."""


def import_undo(*, import_id: int, user_id: int | None, now: datetime) -> ImportRun:
    """
    Take back everything an import brought; run again it changes nothing.

    New documents go (their ids stay reserved, so that the same file may come again), changed ones get back what the
    remaining files of the source say. Analytical figures follow with the next base. Raises UndoRefused, and LeaseTaken while
    a batch is being sealed or applied.
    """
    names = (LEASE, *(lane.lease for lane in Lane), import_lease(import_id))
    with ExitStack() as held:
        for name in names:
            held.enter_context(leases.hold(name))
        return _undo(import_id, user_id, now)


@transaction.atomic
def _undo(import_id: int, user_id: int | None, now: datetime) -> ImportRun:
    run = ImportRun.objects.select_for_update().get(pk=import_id)
    if run.state == ImportState.UNDONE:
        return run
    if run.kind_code not in UNDOABLE_KINDS:
        raise UndoRefused(mark("门店和商品是所有单据共用的主数据，不能撤销；请重新导入正确的文件"))
    if run.state not in (ImportState.DONE, ImportState.FAILED):
        raise UndoRefused(mark("导入还没有结束，不能撤销"))
    batches = list(Batch.objects.filter(import_id=import_id).exclude(state=BatchState.WITHDRAWN).order_by("id"))
    ids = [batch.pk for batch in batches]  # a sealed one may be half stored
    InboxPage.objects.filter(import_id=import_id).delete()
    Batch.objects.filter(pk__in=ids).update(state=BatchState.WITHDRAWN)
    remaining = tuple(
        Batch.objects.filter(source_code=run.source_code)
        .exclude(state=BatchState.WITHDRAWN)
        .order_by("id")
        .values_list("id", flat=True)
    )
    _documents_restore(run.source_code, ids, remaining)
    if ids:
        hooks.run(hooks.Hook.BATCHES_WITHDRAWN, hooks.BatchesWithdrawn(tuple(ids), remaining, run.source_code, now))
    QuarantineCount.objects.filter(batch_id__in=ids).delete()
    transaction.on_commit(partial(_folders_delete, run.source_code, ids))
    run.state, run.undone_at = ImportState.UNDONE, now
    run.save(update_fields=["state", "undone_at"])
    audit_record(action_code="import.undone", subject_kind="import", subject_id=str(import_id), now=now, user_id=user_id)
    return run


def _folders_delete(source_code: str, batch_ids: list[int]) -> None:
    """Nothing reads a withdrawn batch any more, and personal data is not kept for nothing."""
    for batch_id in batch_ids:
        shutil.rmtree(layout().batch(source_code, batch_id), ignore_errors=True)


def _documents_restore(source_code: str, withdrawn: list[int], remaining: tuple[int, ...]) -> None:
    """Give every document whose present content came from a withdrawn batch the newest content that remains, or none."""
    gone = set(Document.objects.filter(batch_id__in=withdrawn).values_list("id", flat=True))
    Document.objects.filter(batch_id__in=withdrawn).update(content_hash=None, version_at=None, batch_id=None)
    wanted = pa.array(sorted(gone), pa.int64())
    for batch_id in remaining:
        known = read_table(layout(), source_code, batch_id, "documents", keyring())
        back = known.filter(pc.and_(pc.is_in(known["document_id"], wanted), pc.is_valid(known["content_hash"])))
        if back.num_rows:
            states = {"state": ["accepted"] * back.num_rows, "is_new": [False] * back.num_rows}
            for name, values in states.items():
                back = back.append_column(name, pa.array(values))
            documents_write(back, batch_id=batch_id)
