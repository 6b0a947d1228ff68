"""
The canonical kinds: what every source system's data is mapped to before it is typed, checked and landed.

A connector's mapping delivers, per kind, a table of text columns with exactly these names (a missing column is all null)
plus `row_no` (its line or item number in the page it came from). Typing, checks and quarantine are the same for all
sources and driven by this table. Columns marked personal may land only in the encrypted record part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """How the text of a field is read; one unreadable field sends its row to quarantine."""

    TEXT = "text"
    INTEGER = "integer"
    FEN = "fen"  # yuan in the source text, whole fen once typed
    MILLI = "milli"  # a quantity with up to three decimals, thousandths once typed
    MOMENT = "moment"  # ISO 8601; without an offset it is Asia/Shanghai
    DAY = "day"
    DEGREE = "degree"
    FLAG = "flag"  # 1/0, true/false, 是/否


class Group(StrEnum):
    """The three captured groups of a retail chain's data, and the shared dimensions."""

    BASE = "基础信息"
    TRADE = "交易记录"
    SERVICE = "服务反馈"
    DIMENSION = "主数据"


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical column. `codes` lists the allowed values of a coded text."""

    name: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    personal: bool = False
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One canonical kind. `key` names the columns that identify a document inside its source; rows of an `order` share one
    key and make one document. `versioned` kinds take a newer `updated_at` as a new version; any other kind with a known
    key and other content is a conflict.
    """

    code: str
    group: Group
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    versioned: bool = False

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


_T = FieldType

CUSTOMER = Kind(
    "customer", Group.BASE, ("source_id",), versioned=True,
    fields=(
        Field("source_id", required=True, personal=True),
        Field("updated_at", _T.MOMENT, required=True),
        Field("name", personal=True),
        Field("phone", personal=True),
        Field("phone_verified", _T.FLAG),
        Field("member_card", personal=True),
        Field("wx_openid", personal=True),
        Field("wx_unionid", personal=True),
        Field("email", personal=True),
        Field("gender", personal=True),
        Field("birthday", personal=True),
        Field("address", personal=True),
        Field("store_code"),
        Field("registered_at", _T.MOMENT),
    ),
)  # fmt: skip
IDENTIFIER = Kind(
    "identifier", Group.BASE, ("customer_source_id", "kind_code", "value"), versioned=True,
    fields=(
        Field("customer_source_id", required=True, personal=True),
        Field("kind_code", required=True, codes=("card", "phone", "openid", "unionid", "email")),
        Field("value", required=True, personal=True),
        Field("updated_at", _T.MOMENT, required=True),
        Field("valid_from", _T.MOMENT),
        Field("valid_to", _T.MOMENT),
        Field("verified", _T.FLAG),
    ),
)  # fmt: skip
ORDER = Kind(
    "order", Group.TRADE, ("order_no",),
    fields=(
        Field("order_no", required=True),
        Field("kind_code", required=True, codes=("sale", "return", "void")),
        Field("original_order_no"),  # required on a return or void
        Field("customer_source_id", personal=True),  # null: anonymous
        Field("store_code", required=True),
        Field("channel_code", required=True, codes=("store", "online")),
        Field("sold_at", _T.MOMENT, required=True),
        Field("line_no", _T.INTEGER, required=True),
        Field("product_code", required=True),
        Field("qty", _T.MILLI, required=True),  # negative on a return or void
        Field("amount", _T.FEN, required=True),  # after discount; negative on a return or void, never on a sale
        Field("discount", _T.FEN),
    ),
)  # fmt: skip
POINTS = Kind(
    "points", Group.TRADE, ("entry_no",),
    fields=(
        Field("entry_no", required=True),
        Field("customer_source_id", required=True, personal=True),
        Field("occurred_at", _T.MOMENT, required=True),
        Field("delta_points", _T.INTEGER, required=True),
        Field("reason_code", required=True),
    ),
)  # fmt: skip
BALANCE = Kind(
    "balance", Group.TRADE, ("customer_source_id",), versioned=True,
    fields=(
        Field("customer_source_id", required=True, personal=True),
        Field("updated_at", _T.MOMENT, required=True),
        Field("balance_points", _T.INTEGER, required=True),
    ),
)  # fmt: skip
TICKET = Kind(
    "ticket", Group.SERVICE, ("ticket_no",), versioned=True,
    fields=(
        Field("ticket_no", required=True),
        Field("updated_at", _T.MOMENT, required=True),
        Field("customer_source_id", personal=True),
        Field("order_no"),
        Field("store_code"),
        Field("product_code"),
        Field("type_code", required=True),
        Field("status_code", required=True),
        Field("opened_at", _T.MOMENT, required=True),
        Field("subject", personal=True),
        Field("body", personal=True),
    ),
)  # fmt: skip
TICKET_STATUS = Kind(
    "ticket_status", Group.SERVICE, ("ticket_no", "event_no"),
    fields=(
        Field("ticket_no", required=True),
        Field("event_no", required=True),
        Field("status_code", required=True),
        Field("occurred_at", _T.MOMENT, required=True),
    ),
)  # fmt: skip
EVENT = Kind(
    "event", Group.SERVICE, ("event_no",),
    fields=(
        Field("event_no", required=True),
        Field("type_code", required=True),
        Field("customer_source_id", personal=True),
        Field("occurred_at", _T.MOMENT, required=True),
        Field("store_code"),
        Field("product_code"),
        Field("rating", _T.INTEGER),  # 1..5 stars of a review
        Field("text", personal=True),
    ),
)  # fmt: skip
PRODUCT = Kind(
    "product", Group.DIMENSION, ("product_code",), versioned=True,
    fields=(
        Field("product_code", required=True),
        Field("updated_at", _T.MOMENT, required=True),
        Field("name", required=True),
        Field("category_path", required=True),  # "生鲜/蔬菜/有机蔬菜"
        Field("brand"),
        Field("unit"),
        Field("price", _T.FEN),
        Field("cost", _T.FEN),
    ),
)  # fmt: skip
STORE = Kind(
    "store", Group.DIMENSION, ("store_code",), versioned=True,
    fields=(
        Field("store_code", required=True),
        Field("updated_at", _T.MOMENT, required=True),
        Field("name", required=True),
        Field("region_code", required=True),
        Field("region_name", required=True),
        Field("city"),
        Field("address"),
        Field("latitude", _T.DEGREE),
        Field("longitude", _T.DEGREE),
        Field("opened_on", _T.DAY),
        Field("area_m2", _T.INTEGER),
    ),
)  # fmt: skip

KINDS: Mapping[str, Kind] = {
    kind.code: kind for kind in (STORE, PRODUCT, CUSTOMER, IDENTIFIER, ORDER, POINTS, BALANCE, TICKET, TICKET_STATUS, EVENT)
}
