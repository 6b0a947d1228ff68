"""Write what the service desk serves: tickets in our own words, and a status history that arrives out of order."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from huitou.connectors.aftersales import fake_store
from huitou.demo.records import Record
from huitou.demo.tables import read_table

MEAN_TICKETS = 2.3  # per contact
ANONYMOUS_SHARE = 0.04
_CATEGORY_WEIGHTS = {
    "complaint": 0.30, "return": 0.20, "exchange": 0.08, "repair": 0.04, "delivery": 0.16, "enquiry": 0.15, "praise": 0.07,
}  # fmt: skip
_COURSES = (  # statuses in order and how often a ticket takes this course
    (("open", "solved", "closed"), 0.45),
    (("open", "pending", "solved", "closed"), 0.35),
    (("open", "pending", "solved", "reopened", "solved", "closed"), 0.08),
    (("open", "pending"), 0.07),
    (("open",), 0.05),
)
_WITHOUT_ORDER = ("enquiry", "complaint", "delivery", "praise")

Purchase = tuple[str, datetime, int, str, str]  # document, moment, store, sku, noun


def write_desk(
    workshop: duckdb.DuckDBPyConnection, path: Path, records: Sequence[Record], *, anchor: date, seed: int
) -> dict[str, int]:
    """Fill the desk's store with tickets and status events; returns how many of each."""
    fake_store.create(path)
    contacts = [record for record in records if record.system == "aftersales"]
    bought = _purchases(workshop, [record.person.person_id for record in contacts])
    rng = np.random.default_rng([seed, 7])
    end = datetime.combine(anchor, time(23, 59))
    tickets: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for record in contacts:
        for purchase in _occasions(rng, bought.get(record.person.person_id, [])):
            ticket, course = _ticket(rng, len(tickets) + 1, record, purchase, end)
            tickets.append(ticket)
            events += course
    for record in contacts[: round(ANONYMOUS_SHARE * len(tickets))]:  # somebody at a counter, without a name
        ticket, course = _ticket(rng, len(tickets) + 1, record, None, end)
        tickets.append({**ticket, "contact": None})
        events += course
    tickets.sort(key=lambda item: (str(item["updated_at"]), str(item["id"])))
    events.sort(key=lambda item: (str(item["recorded_at"]), str(item["id"])))
    return {"tickets": fake_store.put(path, "tickets", tickets), "events": fake_store.put(path, "events", events)}


def desk_text(local: datetime) -> str:
    """Return a wall time with the desk's offset."""
    return local.strftime("%Y-%m-%dT%H:%M:%S+08:00")


def _purchases(workshop: duckdb.DuckDBPyConnection, person_ids: list[int]) -> dict[int, list[Purchase]]:
    """Return up to six named purchases of each person, one article of each."""
    bought: dict[int, list[Purchase]] = defaultdict(list)
    rows = workshop.execute(
        "select b.person_id, b.document_no, b.sold_at, b.store_no, i.code, i.noun from baskets b"
        " join lines l using (basket_id) join items i using (product_id)"
        " where b.is_named and l.line_no = 1 and list_contains(?::bigint[], b.person_id)"
        " qualify row_number() over (partition by b.person_id order by draw('ticket', b.basket_id)) <= 6 order by 1, 3, 2",
        [person_ids],
    ).fetchall()
    for person_id, *purchase in rows:
        document_no, sold_at, store_no, sku, noun = purchase
        bought[person_id].append((document_no, sold_at, store_no, sku, noun))
    return bought


def _occasions(rng: np.random.Generator, bought: list[Purchase]) -> list[Purchase | None]:
    """Which purchases of a contact lead to a ticket; None: a ticket about no purchase."""
    wanted = 1 + int(rng.poisson(MEAN_TICKETS - 1))
    if not bought:
        return [None] * min(wanted, 2)
    chosen = rng.permutation(len(bought))[: min(wanted, len(bought))]
    return [bought[place] if rng.random() < 0.85 else None for place in sorted(chosen)]


def _ticket(
    rng: np.random.Generator, number: int, record: Record, purchase: Purchase | None, end: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return one ticket and its status events; what would lie after the end has not happened yet."""
    codes = list(_CATEGORY_WEIGHTS) if purchase else [code for code in _CATEGORY_WEIGHTS if code in _WITHOUT_ORDER]
    weights = np.array([_CATEGORY_WEIGHTS[code] for code in codes])
    category = codes[int(rng.choice(len(codes), p=weights / weights.sum()))]
    texts = [row for row in read_table("tickets") if row["category"] == category]
    text = texts[int(rng.integers(len(texts)))]
    noun = purchase[4] if purchase else "商品"
    opened = (purchase[1] if purchase else end - timedelta(days=float(rng.random() * 330))) + timedelta(
        hours=float(rng.exponential(30))
    )
    opened = min(opened, end - timedelta(minutes=int(rng.integers(1, 600))))
    opened = max(opened, purchase[1]) if purchase else opened
    shares = np.array([share for _, share in _COURSES])
    course = _COURSES[int(rng.choice(len(_COURSES), p=shares))][0]
    ticket_id, moment, events = f"T{number:06d}", opened, []
    for step, status in enumerate(course):
        moment = opened if step == 0 else moment + timedelta(hours=float(rng.exponential(26)) + 0.2)
        if step and moment > end:
            break
        # Some events are recorded long after they happened: they arrive behind later ones.
        delay = (
            timedelta(hours=float(rng.exponential(40))) if rng.random() < 0.12 else timedelta(seconds=int(rng.integers(1, 90)))
        )
        events.append({
            "id": f"{ticket_id}-{step + 1}", "ticket_id": ticket_id, "status": status, "occurred_at": desk_text(moment),
            "recorded_at": desk_text(min(moment + delay, end + timedelta(hours=2))),
        })  # fmt: skip
    contact = {
        "id": record.source_id, "name": record.name or None, "phone": record.phone or None,
        "wx_openid": record.openid or None, "email": record.email or None,
    }  # fmt: skip
    ticket = {
        "id": ticket_id, "contact": contact, "order_no": purchase[0] if purchase else None,
        "store_code": f"S{purchase[2]:03d}" if purchase else record.person.store_code, "sku": purchase[3] if purchase else None,
        "category": category, "status": events[-1]["status"], "subject": text["subject"].format(noun=noun),
        "body": text["body"].format(noun=noun), "created_at": desk_text(opened), "updated_at": events[-1]["occurred_at"],
    }  # fmt: skip
    return ticket, events
