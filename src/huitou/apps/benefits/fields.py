"""What coupons and their kinds can be filtered by and shown with."""

from collections.abc import Iterator

from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.models import CouponKind
from huitou.core.benefits.coupons import Effect, State
from huitou.core.filters.catalogue import Choice, Field, FieldType
from huitou.core.labels import Label

COUPON, KIND, CAPS = Label("券", "Coupon"), Label("券种", "Kind"), Label("发放", "Issue")
STATES = {
    State.USABLE: Label("未使用", "Not used"),
    State.REDEEMED: Label("已使用", "Used"),
    State.WITHDRAWN: Label("已收回", "Withdrawn"),
    State.SET_ASIDE: Label("暂停使用", "Set aside"),
}
EFFECTS = {Effect.AMOUNT: Label("减金额", "Amount off"), Effect.PERCENT: Label("打折", "Percent off")}
_PIECES = Label("张", "coupons")


def kind_names(viewer: Viewer) -> dict[int, str]:
    """Return the names of all kinds by id, in order of the name."""
    return dict(CouponKind.objects.order_by("name", "pk").values_list("pk", "name"))


COUPON_ENTRIES: tuple[FieldEntry, ...] = (
    FieldEntry(
        Field("kind", Label("券种", "Kind"), FieldType.REFERENCE, orm_path="kind_id", nullable=False),
        COUPON,
        Column.DEFAULT,
        names=kind_names,
    ),
    FieldEntry(
        Field(
            "state", Label("状态", "State"), FieldType.ENUM, orm_path="state_code", nullable=False,
            choices=tuple(Choice(state.value, label) for state, label in STATES.items()),
        ),
        COUPON,
        Column.DEFAULT,
    ),
    FieldEntry(
        Field("issued_on", Label("发放日", "Issued on"), FieldType.DATE, orm_path="issued_on", nullable=False),
        COUPON,
        Column.DEFAULT,
        sortable=True,
    ),
    FieldEntry(
        Field("last_day", Label("最后可用日", "Last day"), FieldType.DATE, orm_path="last_day", nullable=False),
        COUPON,
        Column.DEFAULT,
        sortable=True,
    ),
    FieldEntry(
        Field("batch", Label("发放批次", "Issued together"), FieldType.INTEGER, orm_path="batch_id", nullable=False, minimum=1),
        COUPON,
        Column.OFFERED,
    ),
)  # fmt: skip


def coupon_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the fields of coupons."""
    yield from COUPON_ENTRIES


def _kind(
    name: str, zh: str, en: str, type: FieldType, group: Label, *, nullable: bool = True, column: Column = Column.DEFAULT,
    sortable: bool = False, unit: Label | None = None,
) -> FieldEntry:  # fmt: skip
    field = Field(name, Label(zh, en), type, orm_path=name, nullable=nullable, unit=unit, minimum=0, maximum=10**13)
    return FieldEntry(field, group, column, sortable)


KIND_ENTRIES: tuple[FieldEntry, ...] = (
    FieldEntry(
        Field(
            "effect", Label("方式", "Effect"), FieldType.ENUM, orm_path="effect_code", nullable=False,
            choices=tuple(Choice(effect.value, label) for effect, label in EFFECTS.items()),
        ),
        KIND,
        Column.OFFERED,
    ),
    _kind("off_fen", "减多少", "Off", FieldType.FEN, KIND),
    _kind("minimum_fen", "满多少可用", "Minimum", FieldType.FEN, KIND, nullable=False),
    _kind("first_order_only", "仅首单", "First order only", FieldType.FLAG, KIND, nullable=False, column=Column.OFFERED),
    _kind("last_day", "最后可用日", "Last day", FieldType.DATE, KIND, sortable=True),
    _kind("is_on", "发放中", "Issued", FieldType.FLAG, CAPS, nullable=False),
    _kind("issued_count", "已发", "Issued so far", FieldType.INTEGER, CAPS, nullable=False, sortable=True, unit=_PIECES),
    _kind("committed_fen", "最多要花", "Committed", FieldType.FEN, CAPS, nullable=False),
    _kind("budget_fen", "预算", "Budget", FieldType.FEN, CAPS),
)  # fmt: skip
