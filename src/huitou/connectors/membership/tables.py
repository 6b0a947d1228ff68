"""The tables of the membership database that are read, by stream."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its unique `key`, and `stamp`, the time of its last change that pages are ordered by (with the key)."""

    name: str
    key: str
    stamp: str
    columns: tuple[str, ...]


TABLES: Mapping[str, Table] = {
    "members": Table(
        "member", "member_no", "updated_at",
        (
            "member_no", "name", "mobile", "mobile_verified", "sex", "birthday", "email", "wx_unionid", "address",
            "store_code", "joined_at", "points_balance", "updated_at",
        ),
    ),
    "cards": Table(
        "card", "card_no", "updated_at", ("card_no", "member_no", "status", "issued_at", "replaced_by", "updated_at")
    ),
    "points": Table(
        "points_ledger", "entry_id", "occurred_at", ("entry_id", "member_no", "occurred_at", "delta", "reason")
    ),
}  # fmt: skip
