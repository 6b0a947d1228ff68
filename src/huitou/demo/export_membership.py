"""Write the membership system's tables: members, cards, and a points ledger that sums to the balance but for planted rows."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import numpy as np

from huitou.connectors.membership import fake_store
from huitou.demo.people import Person
from huitou.demo.records import Record

JOIN_POINTS = 50
MISMATCHES = 5  # members whose balance differs from their ledger
REDEEM_SHARE = 0.08  # of purchases is followed by spending 100 points, when there are enough

Entry = tuple[str, str, str, int, str]  # the columns of points_ledger


def write_membership(
    workshop: duckdb.DuckDBPyConnection, path: Path, records: Sequence[Record], *, anchor: date, seed: int
) -> list[str]:
    """Fill the membership database; returns the member numbers whose balance was planted wrong."""
    fake_store.create(path)
    members = [record for record in records if record.system == "membership"]
    ledger = _ledger(workshop, members, seed)
    balances: dict[str, int] = defaultdict(int)
    last_change: dict[str, str] = {}
    for _, member_no, occurred_at, delta, _ in ledger:
        balances[member_no] += delta
        last_change[member_no] = max(occurred_at, last_change.get(member_no, ""))
    buyers = [record.source_id for record in members if record.person.household_id is not None]
    wrong = buyers[:: max(1, len(buyers) // MISMATCHES)][:MISMATCHES]
    for number, member_no in enumerate(wrong, start=1):
        balances[member_no] += 10 * number
    fake_store.put_rows(path, "points_ledger", ledger)
    fake_store.put_rows(path, "member", sorted(
        (_member_row(record, balances[record.source_id], last_change[record.source_id]) for record in members),
        key=lambda row: (str(row[-1]), str(row[0])),
    ))  # fmt: skip
    fake_store.put_rows(path, "card", sorted(
        (card for record in members for card in _card_rows(record, anchor)), key=lambda row: (str(row[-1]), str(row[0]))
    ))  # fmt: skip
    return wrong


def joined_at(record: Record) -> str:
    """Return the moment of enrolment as the store's wall time."""
    number = record.person.person_id
    return local_text(datetime.combine(record.registered_on, time(8 + number % 13, number % 60, number % 53)))


def local_text(moment: datetime) -> str:
    """Return a wall time as the tills and the membership system write it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _member_row(record: Record, balance: int, changed_at: str) -> list[object]:
    return [
        record.source_id, record.name, record.phone or None, int(record.phone_verified), record.gender or None,
        record.birthday or None, record.email or None, record.unionid or None, record.address or None,
        record.store_code or None, joined_at(record), balance, changed_at,
    ]  # fmt: skip


def _card_rows(record: Record, anchor: date) -> list[list[object]]:
    """The card in use, and the one it replaced."""
    person: Person = record.person
    joined = joined_at(record)
    if person.old_card is None or record.card != person.card:
        return [[record.card, record.source_id, "active", joined, None, joined]]
    replaced = local_text(datetime.combine(person.card_replaced_on, time(0, 0)))
    return [
        [person.old_card, record.source_id, "replaced", joined, record.card, replaced],
        [record.card, record.source_id, "active", replaced, None, replaced],
    ]


def _ledger(workshop: duckdb.DuckDBPyConnection, members: Sequence[Record], seed: int) -> list[Entry]:
    """Points for joining, one per yuan of each named purchase, taken back with a return, some spent."""
    rng = np.random.default_rng([seed, 5])
    number_of = {record.person.person_id: record.source_id for record in reversed(members)}  # the first card collects
    moves: list[tuple[str, str, int, str]] = [(joined_at(record), record.source_id, JOIN_POINTS, "join") for record in members]
    rows = workshop.execute(
        "select b.person_id, b.sold_at, sum(l.amount_fen)::bigint, max(r.back_at),"
        "   coalesce(sum(l.amount_fen) filter (t.basket_id is not null), 0)::bigint"
        " from baskets b join lines l using (basket_id) left join returns r using (basket_id)"
        " left join return_lines t using (basket_id, line_no) where b.is_named"
        " group by b.basket_id, 1, 2 order by 1, 2, b.basket_id"
    ).fetchall()
    saved: dict[str, int] = defaultdict(int)
    for person_id, sold_at, sold_fen, back_at, back_fen in rows:
        member_no = number_of.get(person_id)
        if member_no is None:
            continue
        moves.append((local_text(sold_at), member_no, sold_fen // 100, "purchase"))
        saved[member_no] += sold_fen // 100 - back_fen // 100
        if back_fen >= 100:
            moves.append((local_text(back_at), member_no, -(back_fen // 100), "return"))
        if saved[member_no] >= 100 and rng.random() < REDEEM_SHARE:
            saved[member_no] -= 100
            moves.append((local_text(sold_at + timedelta(minutes=1)), member_no, -100, "redeem"))
    return [
        (f"PL{number:09d}", member_no, occurred_at, delta, reason)
        for number, (occurred_at, member_no, delta, reason) in enumerate(sorted(moves), start=1)
    ]
