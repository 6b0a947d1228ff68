"""
The four systems as they stood at the end of last month: what came since is held back until that month's end was computed.

So that the demo begins with two value runs of its own pipeline and shows who moved between them. Held rows lie beside the chain,
in `later/`; every step may be cut off and done again.
"""

import json
import os
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from huitou.connectors.aftersales import fake_store as desk_store
from huitou.connectors.fake_store import writer
from huitou.connectors.feed_store import FeedRow, feed_create, feed_open, feed_put_rows
from huitou.connectors.mall import fake_store as mall_store
from huitou.connectors.membership import fake_store as membership_store
from huitou.connectors.membership.tables import TABLES
from huitou.connectors.pos.fake_store import receipt_file_name
from huitou.core.periods import day_start
from huitou.demo.export_desk import desk_text
from huitou.demo.export_mall import utc_text
from huitou.demo.export_membership import local_text

NIGHT = timedelta(hours=3, minutes=10)  # when a nightly base begins
_MALL, _MEMBERSHIP = Path("mall", mall_store.FILE_NAME), Path("membership", membership_store.FILE_NAME)
_DESK, _OUTBOX = Path("aftersales", desk_store.FILE_NAME), Path("pos", "outbox")

Item = dict[str, Any]
Earlier = Callable[[Item], Item | None]  # a resource as it stood; None: it was not there yet


def month_began(anchor: date) -> date:
    """Return the first day of the month of the last business day."""
    return anchor.replace(day=1)


def night_after(anchor: date) -> datetime:
    """Return the moment of the nightly base that closed the month before."""
    return day_start(month_began(anchor)) + NIGHT


def month_is_held(chain_dir: Path) -> bool:
    """Say whether the systems stand as at the end of last month."""
    return _later(chain_dir).exists()


def month_hold(chain_dir: Path, *, anchor: date) -> None:
    """Put what came since the end of last month aside, and bring what changed since back to how it was."""
    since = month_began(anchor)
    later = _later(chain_dir)
    if not later.exists():
        half = later.with_name("later.half")
        shutil.rmtree(half, ignore_errors=True)
        _put_aside(chain_dir, half, since)
        half.rename(later)
    for day in (since + timedelta(days) for days in range((anchor - since).days + 1)):
        _move(chain_dir / _OUTBOX, later / _OUTBOX, receipt_file_name(day))
    _members_earlier(chain_dir / _MEMBERSHIP, since)
    _feed_earlier(chain_dir / _MALL, _mall_rules(since), _mall_text(since))
    _feed_earlier(chain_dir / _DESK, _desk_rules(chain_dir / _DESK, since), _desk_text(since))


def month_release(chain_dir: Path) -> None:
    """Let the rest happen: the systems end as they were built. Without anything held nothing is done."""
    later, coming = _later(chain_dir), chain_dir.parent / "coming"
    if later.exists():
        later.rename(coming)  # from here on the month before is over, also for whoever goes on after a kill
    if not coming.exists():
        return
    for place, resources in ((_MALL, mall_store.RESOURCES), (_DESK, desk_store.RESOURCES)):
        for resource in resources:
            feed_put_rows(chain_dir / place, resource, _feed_rows(coming / place, resource))
    for table in TABLES.values():
        membership_store.put_rows(chain_dir / _MEMBERSHIP, table.name, _table_rows(coming / _MEMBERSHIP, table.name))
    for path in sorted((coming / _OUTBOX).iterdir()):
        _move(coming / _OUTBOX, chain_dir / _OUTBOX, path.name)
    shutil.rmtree(coming)


def _later(chain_dir: Path) -> Path:
    return chain_dir.parent / "later"


def _mall_text(since: date) -> str:
    return utc_text(_midnight(since))


def _desk_text(since: date) -> str:
    return desk_text(_midnight(since))


def _midnight(day: date) -> datetime:
    """Return the wall time at which a day begins."""
    return datetime.combine(day, time())


def _put_aside(chain_dir: Path, half: Path, since: date) -> None:
    (half / _OUTBOX).mkdir(parents=True)
    for place, resources, text in (
        (_MALL, mall_store.RESOURCES, _mall_text(since)), (_DESK, desk_store.RESOURCES, _desk_text(since)),
    ):  # fmt: skip
        feed_create(half / place, resources)
        for resource in resources:
            feed_put_rows(half / place, resource, _feed_rows(chain_dir / place, resource, text))
    membership_store.create(half / _MEMBERSHIP)
    for table in TABLES.values():
        rows = _table_rows(chain_dir / _MEMBERSHIP, table.name, f"where {table.stamp} >= ?", local_text(_midnight(since)))
        membership_store.put_rows(half / _MEMBERSHIP, table.name, rows)


def _feed_rows(path: Path, resource: str, since: str = "") -> list[FeedRow]:
    """Return what changed since a moment, in the order of the feed."""
    with closing(feed_open(path)) as store:
        return store.execute(
            f"select id, updated_at, payload from {resource} where updated_at >= ? order by seq",  # noqa: S608
            [since],
        ).fetchall()


def _table_rows(path: Path, table: str, where: str = "", *values: str) -> list[tuple[Any, ...]]:
    columns = ", ".join(membership_store.TABLES[table])
    with closing(sqlite3.connect(path, timeout=20)) as store:
        return store.execute(f"select {columns} from {table} {where}", values).fetchall()  # noqa: S608


def _move(source: Path, target: Path, name: str) -> None:
    if (source / name).exists():
        os.replace(source / name, target / name)  # keeps its time of change, so that no file is read twice


def _feed_earlier(path: Path, rules: Mapping[str, Earlier], since: str) -> None:
    """Bring what changed since back by the rule of its resource; what has none had never changed before."""
    with closing(writer(path)) as store:
        for resource, earlier in rules.items():
            rows = store.execute(f"select seq, payload from {resource} where updated_at >= ?", [since]).fetchall()  # noqa: S608
            for seq, payload in rows:
                item = earlier(json.loads(payload))
                if item is None:
                    store.execute(f"delete from {resource} where seq = ?", [seq])  # noqa: S608
                else:
                    text = json.dumps(item, ensure_ascii=False, separators=(",", ":"))
                    values = (item["updated_at"], text, seq)
                    store.execute(f"update {resource} set updated_at = ?, payload = ? where seq = ?", values)  # noqa: S608
        store.commit()


def _not_there(_item: Item) -> None:
    """Leave out what never changes after it appeared."""


def _mall_rules(since: date) -> dict[str, Earlier]:
    until, text = _midnight(since), _mall_text(since)

    def order(item: Item) -> Item | None:
        """Take later refunds back; an order is shipped a day after it was paid and completed two days later."""
        paid = (item["payment"] or {}).get("paid_at", text)
        if paid >= text:
            return None
        paid_at = datetime.fromisoformat(paid).replace(tzinfo=None) + timedelta(hours=8)
        age = until - paid_at
        status = "paid" if age < timedelta(days=1) else "shipped" if age < timedelta(days=3) else "completed"
        at = utc_text(min(paid_at + timedelta(days=3), until - timedelta(minutes=1)))
        history = [*item["status_history"][:-1], {"status": status, "at": at}]
        return {**item, "status": status, "updated_at": at, "status_history": history, "refunds": []}

    def message(item: Item) -> Item | None:
        return None if item["sent_at"] >= text else {**item, "answered_at": None, "updated_at": item["sent_at"]}

    return {"orders": order, "messages": message, **dict.fromkeys(("customers", "enquiries"), _not_there)}


def _desk_rules(path: Path, since: date) -> dict[str, Earlier]:
    text = _desk_text(since)
    courses: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for *_key, payload in _feed_rows(path, "events"):
        event = json.loads(payload)
        courses[event["ticket_id"]].append((event["occurred_at"], event["status"]))

    def ticket(item: Item) -> Item | None:
        known = [step for step in courses[item["id"]] if step[0] < text]
        if not known:
            return None
        at, status = max(known)
        return {**item, "status": status, "updated_at": at}

    return {"tickets": ticket, "events": _not_there}


def _members_earlier(path: Path, since: date) -> None:
    """Take later points, members, cards, referrals and group entries back; a balance loses what its ledger gained since."""
    statements = (
        "delete from member where updated_at >= :since and not exists (select 1 from points_ledger as l"
        " where l.member_no = member.member_no and l.occurred_at < :since)",
        "update member set points_balance = points_balance - (select coalesce(sum(delta), 0) from points_ledger as l"
        " where l.member_no = member.member_no and l.occurred_at >= :since),"
        " updated_at = (select max(occurred_at) from points_ledger as l"
        " where l.member_no = member.member_no and l.occurred_at < :since) where updated_at >= :since",
        "delete from points_ledger where occurred_at >= :since",
        "delete from card where issued_at >= :since",
        "update card set status = 'active', replaced_by = null, updated_at = issued_at where updated_at >= :since",
        "delete from referral where referred_at >= :since",
        "delete from chat_member where joined_at >= :since",
        "update chat_member set left_at = null, updated_at = joined_at where updated_at >= :since",
    )
    with closing(writer(path)) as store:
        store.execute("create index if not exists points_ledger_member on points_ledger (member_no)")
        for statement in statements:
            store.execute(statement, {"since": local_text(_midnight(since))})
        store.execute("drop index points_ledger_member")
        store.commit()
