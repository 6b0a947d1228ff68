"""What tasks can be filtered by and shown with."""

from collections.abc import Iterator

from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import stores_in_reach
from huitou.apps.tasks.models import State
from huitou.apps.tasks.rules import VERIFY
from huitou.core.filters.catalogue import Choice, Field, FieldType
from huitou.core.labels import Label

TASK = Label("任务", "Task")
KIND_LABELS = {VERIFY.code: Label("核实资料", "Verify the file")}
STATES = {
    State.OPEN: Label("待办", "Open"),
    State.DONE: Label("已完成", "Done"),
    State.DISMISSED: Label("没做成", "Dismissed"),
    State.CANCELLED: Label("已取消", "Cancelled"),
}


def _store_names(viewer: Viewer) -> dict[int, str]:
    return {store.pk: store.name or store.code for store in stores_in_reach(viewer=viewer)}


ENTRIES: tuple[FieldEntry, ...] = (
    FieldEntry(
        Field(
            "kind", Label("种类", "Kind"), FieldType.ENUM, orm_path="kind_code", nullable=False,
            choices=tuple(Choice(code, label) for code, label in KIND_LABELS.items()),
        ),
        TASK,
        Column.DEFAULT,
    ),
    FieldEntry(
        Field(
            "state", Label("状态", "State"), FieldType.ENUM, orm_path="state_code", nullable=False,
            choices=tuple(Choice(state.value, label) for state, label in STATES.items()),
        ),
        TASK,
        Column.DEFAULT,
    ),
    FieldEntry(
        Field("store", Label("门店", "Store"), FieldType.REFERENCE, orm_path="store_id", nullable=False),
        TASK,
        Column.DEFAULT,
        names=_store_names,
    ),
    FieldEntry(
        Field("due_on", Label("截止日", "Due on"), FieldType.DATE, orm_path="due_on", nullable=False),
        TASK,
        Column.DEFAULT,
        sortable=True,
    ),
)  # fmt: skip


def task_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the fields of tasks; stores are named as far as the viewer reaches."""
    yield from ENTRIES
