"""What batches, and groups of refused rows, can be filtered by and shown with."""

from collections.abc import Iterator, Mapping

from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.intake.labels import KIND_LABELS, REASON_LABELS, STATE_LABELS
from huitou.apps.intake.models import ImportRun, SourceConfig
from huitou.core.filters.catalogue import Choice, Field, FieldType, Rows
from huitou.core.labels import Label

BATCH, REFUSED = Label("批次", "Batch"), Label("隔离行", "Refused rows")
NAMED_IMPORTS = 200  # the latest; an older one is asked by its number
_ROWS = Label("行", "rows")


def _choices(labels: Mapping[str, Label]) -> tuple[Choice, ...]:
    return tuple(Choice(code, label) for code, label in labels.items())


def _rows(name: str, zh: str, en: str, group: Label, place: str = "", *, column: Column = Column.DEFAULT) -> FieldEntry:
    field = Field(
        name, Label(zh, en), FieldType.INTEGER, orm_path=place or name, nullable=False, minimum=0, maximum=10**12, unit=_ROWS
    )
    return FieldEntry(field, group, column, sortable=True)


def import_names(viewer: Viewer) -> dict[int, str]:
    """Return the file names of the latest imports by id, newest first."""
    return dict(ImportRun.objects.order_by("-pk").values_list("pk", "file_name")[:NAMED_IMPORTS])


BATCH_ENTRIES: tuple[FieldEntry, ...] = (
    FieldEntry(
        Field(
            "state", Label("状态", "State"), FieldType.ENUM, orm_path="state", nullable=False, choices=_choices(STATE_LABELS)
        ),
        BATCH,
        Column.DEFAULT,
    ),
    FieldEntry(
        Field("sealed_on", Label("封存日", "Sealed on"), FieldType.DATE, orm_path="sealed_on"),
        BATCH,
        Column.OFFERED,
        sortable=True,
    ),
    _rows("received", "接收", "Received", BATCH),
    _rows("accepted", "通过", "Passed", BATCH, column=Column.OFFERED),
    _rows("merged", "合并", "Merged", BATCH, column=Column.OFFERED),
    _rows("quarantined", "隔离", "Quarantined", BATCH),
    FieldEntry(
        Field("import", Label("导入文件", "Imported file"), FieldType.REFERENCE, orm_path="import_id"),
        BATCH,
        Column.DEFAULT,
        names=import_names,
    ),
    FieldEntry(
        Field(
            "reason", Label("隔离原因", "Reason"), FieldType.ENUM, orm_path="reason_code", choices=_choices(REASON_LABELS),
            rows=Rows("intake.QuarantineCount", owner="batch_id"),
        ),
        REFUSED,
        Column.OFFERED,
    ),
)  # fmt: skip
QUARANTINE_ENTRIES: tuple[FieldEntry, ...] = (
    FieldEntry(
        Field(
            "reason", Label("原因", "Reason"), FieldType.ENUM, orm_path="reason_code", nullable=False,
            choices=_choices(REASON_LABELS),
        ),
        REFUSED,
        Column.NEVER,
    ),
    FieldEntry(
        Field("kind", Label("种类", "Kind"), FieldType.ENUM, orm_path="kind_code", nullable=False, choices=_choices(KIND_LABELS)),
        REFUSED,
        Column.DEFAULT,
    ),
    _rows("rows", "行数", "Rows", REFUSED, "row_count"),
    FieldEntry(
        Field("batch", Label("批次", "Batch"), FieldType.INTEGER, orm_path="batch_id", nullable=False, minimum=1),
        BATCH,
        Column.DEFAULT,
        sortable=True,
    ),
)  # fmt: skip


def batch_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the fields of batches, the source first."""
    yield from _sources()
    yield from BATCH_ENTRIES


def quarantine_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the fields of groups of refused rows."""
    yield from QUARANTINE_ENTRIES
    yield from _sources()


def _sources() -> Iterator[FieldEntry]:
    """Yield the field `source` with the sources that are connected; nothing before the first."""
    choices = tuple(
        Choice(code, Label(title or code, title or code))
        for code, title in SourceConfig.objects.order_by("code").values_list("code", "title")
    )
    if choices:
        field = Field("source", Label("来源", "Source"), FieldType.ENUM, orm_path="source_code", nullable=False, choices=choices)
        yield FieldEntry(field, BATCH, Column.DEFAULT)
