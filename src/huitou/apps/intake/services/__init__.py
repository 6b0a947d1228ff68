"""Writes of the intake app, one file per action."""

from huitou.apps.intake.accounting import next_batch_id
from huitou.apps.intake.services.apply import (
    Lane,
    batches_apply,
    batches_store,
    bulk_waits,
    import_waits,
    lane_apply,
    stored_settle,
)
from huitou.apps.intake.services.check import sources_check
from huitou.apps.intake.services.configure import source_configure, source_enable
from huitou.apps.intake.services.document_reserve import Reserved, document_reserve, documents_reserve
from huitou.apps.intake.services.erase import landing_erase
from huitou.apps.intake.services.events import events_receive
from huitou.apps.intake.services.fold_mark import batches_mark_folded
from huitou.apps.intake.services.import_mend import import_mend, lines_mended
from huitou.apps.intake.services.import_run import Checked, import_check, import_run, import_start, uploads_forget
from huitou.apps.intake.services.import_undo import UNDOABLE_KINDS, UndoRefused, import_undo
from huitou.apps.intake.services.import_upload import import_map, import_unfinished, import_upload
from huitou.apps.intake.services.import_watch import imports_watch
from huitou.apps.intake.services.mapped import (
    MAPPED_KINDS,
    SourceRefused,
    mapped_source_create,
    mapped_source_map,
    mapped_source_probe,
)
from huitou.apps.intake.services.pull import PullOutcome, source_pull, sources_pull
from huitou.apps.intake.services.receive import page_receive
from huitou.apps.intake.services.register import batch_register
from huitou.apps.intake.services.replay import landing_replay
from huitou.apps.intake.services.seal import LEASE as SEAL_LEASE
from huitou.apps.intake.services.seal import ImportPages, SealLimits, batch_seal, import_pages_left, sources_seal
from huitou.apps.intake.services.signed import source_signature_check

__all__ = [
    "MAPPED_KINDS",
    "SEAL_LEASE",
    "UNDOABLE_KINDS",
    "Checked",
    "ImportPages",
    "Lane",
    "PullOutcome",
    "Reserved",
    "SealLimits",
    "SourceRefused",
    "UndoRefused",
    "batch_register",
    "batch_seal",
    "batches_apply",
    "batches_mark_folded",
    "batches_store",
    "bulk_waits",
    "document_reserve",
    "documents_reserve",
    "events_receive",
    "import_check",
    "import_map",
    "import_mend",
    "import_pages_left",
    "import_run",
    "import_start",
    "import_undo",
    "import_unfinished",
    "import_upload",
    "import_waits",
    "imports_watch",
    "landing_erase",
    "landing_replay",
    "lane_apply",
    "lines_mended",
    "mapped_source_create",
    "mapped_source_map",
    "mapped_source_probe",
    "next_batch_id",
    "page_receive",
    "source_configure",
    "source_enable",
    "source_pull",
    "source_signature_check",
    "sources_check",
    "sources_pull",
    "sources_seal",
    "stored_settle",
    "uploads_forget",
]
