"""
Bad rows on purpose: what a chain's systems really send, in known numbers, so that the quarantine can be checked.

Every bad row is a document of its own, without a customer, so that no real basket and no person is touched.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import duckdb

from huitou.connectors.aftersales import fake_store as desk_store
from huitou.connectors.mall import fake_store as mall_store
from huitou.connectors.membership import fake_store as membership_store

# what is wrong -> (kind of document, columns that differ from a good receipt, how many)
BAD_RECEIPTS: Mapping[str, tuple[Mapping[str, str], int]] = {
    "impossible_date": ({"sold_at": "2026-02-30 10:15:00"}, 12),
    "negative_sale": ({"amount": "-18.80"}, 9),
    "missing_sku": ({"sku": ""}, 7),
    "unreadable_quantity": ({"qty": "一件"}, 5),
    "unreadable_amount": ({"amount": "12，5元"}, 4),
}
CONFLICTS = 6  # receipts sent again with another amount
BAD_ORDERS = 4  # mall orders without a store
BAD_MEMBERS = 3  # members with an impossible day of joining
BAD_TICKETS = 5  # tickets without a category


def add_bad_receipts(workshop: duckdb.DuckDBPyConnection, *, anchor: date) -> dict[str, int]:
    """Append bad rows to `till_rows`; returns how many of each sort. Needs a good single-line receipt to copy from."""
    counts = {}
    for number, (reason, (changes, count)) in enumerate(BAD_RECEIPTS.items(), start=1):
        replaced = {"receipt_no": f"'BAD{number}-' || r.receipt_no", "member_card": "''", "phone": "''"}
        replaced |= {column: f"'{value}'" for column, value in changes.items()}
        counts[reason] = _copy_receipts(workshop, reason, replaced, count)
    other_amount = "left(r.amount, length(r.amount) - 1) || ((right(r.amount, 1)::integer + 1) % 10)"
    replaced = {"export_day": "r.export_day + 9", "amount": other_amount}
    counts["conflict"] = _copy_receipts(workshop, "conflict", replaced, CONFLICTS, before=anchor - timedelta(days=20))
    return counts


def _copy_receipts(
    workshop: duckdb.DuckDBPyConnection, purpose: str, replaced: Mapping[str, str], count: int, *, before: date | None = None
) -> int:
    changes = ", ".join(f"{expression} as {column}" for column, expression in replaced.items())
    workshop.execute(
        f"insert into till_rows by name select r.* replace ({changes}) from till_rows r"  # noqa: S608
        " where kind = 'S' and member_card = '' and phone = '' and receipt_no not like 'BAD%' and (? is null or export_day < ?)"
        " and receipt_no in (select receipt_no from till_rows group by 1 having count(*) = 1)"
        " order by draw(?, r.receipt_no) limit ?",
        [before, before, purpose, count],
    )
    return count


def add_bad_rows(chain: Path, *, anchor: date) -> dict[str, int]:
    """Append bad rows to the three other systems; returns how many by system and sort."""
    day = (anchor - timedelta(days=30)).isoformat()
    mall_store.put(chain / "mall" / mall_store.FILE_NAME, "orders", (
        {
            "id": f"MBAD{number}", "customer_id": None, "store_id": None, "status": "completed", "created_at": f"{day}T02:00:00Z",
            "updated_at": f"{day}T02:0{number}:00Z", "payment": {"method": "wechat", "paid_at": f"{day}T02:00:00Z"},
            "items": [{"line_no": 1, "sku": "P00000000", "title": "无门店", "qty": 1, "amount": "9.90", "discount": "0.00"}],
            "status_history": [], "refunds": [],
        }
        for number in range(BAD_ORDERS)
    ))  # fmt: skip
    membership_store.put(chain / "membership" / membership_store.FILE_NAME, "member", (
        {"member_no": f"VIPBAD{number}", "name": "", "joined_at": "2025-02-30 09:00:00", "updated_at": f"{day} 09:00:0{number}"}
        for number in range(BAD_MEMBERS)
    ))  # fmt: skip
    desk_store.put(chain / "aftersales" / desk_store.FILE_NAME, "tickets", (
        {
            "id": f"TBAD{number}", "contact": None, "order_no": None, "store_code": "S001", "sku": None, "category": None,
            "status": "open", "subject": "缺少分类", "body": "", "created_at": f"{day}T10:00:00+08:00",
            "updated_at": f"{day}T10:00:0{number}+08:00",
        }
        for number in range(BAD_TICKETS)
    ))  # fmt: skip
    return {
        "mall_missing_store": BAD_ORDERS,
        "membership_impossible_date": BAD_MEMBERS,
        "aftersales_missing_category": BAD_TICKETS,
    }
