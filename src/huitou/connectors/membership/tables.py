"""The tables of the membership database that are read, by stream."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """
    One table: its unique `key`, and `stamp`, the time of its last change that pages are ordered by (with the key).

    is_optional: a system without it is read all the same.
    """

    name: str
    key: str
    stamp: str
    columns: tuple[str, ...]
    is_optional: bool = False


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
    "referrals": Table(
        "referral", "referral_no", "referred_at", ("referral_no", "member_no", "referrer_no", "referred_at"), is_optional=True
    ),
    "groups": Table(
        "chat_member", "entry_no", "updated_at",
        (
            "entry_no", "member_no", "group_code", "group_name", "guide", "store_code", "joined_at", "left_at", "updated_at",
        ),
        is_optional=True,
    ),
}  # fmt: skip
