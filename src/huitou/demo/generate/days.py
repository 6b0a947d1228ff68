"""
What is sold on one day, as arrays, and what of it lands when: late receipts and returns come in a later batch.

A day is a pure function of the plan, its index and its first order id, so that any day can be made again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitou.core.distinct import distinct
from huitou.demo.generate.plan import LINES_PER_ORDER, LONGEST_DELAY_DAYS, STORES, Ints, Plan

ANONYMOUS_SHARE = 0.12
LATE_SHARE = 0.01
RETURN_SHARE = 0.02  # of lines
ONLINE_SHARE = 0.18
HABIT_SHARE = 0.4  # of lines; in the demo's real baskets 37 % of the last month's lines are what the person bought before
HABITS = 24  # usual products of a person
_GOLDEN = (5**0.5 - 1) / 2
_LONGEST_RECEIPT = 60
_OPENING_US, _OPEN_US = 8 * 3_600 * 10**6, 14 * 3_600 * 10**6  # 8 to 22 o'clock
_SHANGHAI_US = 8 * 3_600 * 10**6
_DAY_US = 86_400 * 10**6

Columns = dict[str, npt.NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Day:
    """
    Lines as columns of equal length (record_id 0 is anonymous) and `lands_on`, the day index of the batch that brings each.
    order_ids: how many ids the day uses, returns included. buyers: persons named on its sales.
    """

    index: int
    lines: Columns
    lands_on: Ints
    order_ids: int
    buyers: Ints


def order_id_count(plan: Plan, index: int) -> int:
    """Return an upper bound of the order ids of a day, so that they can be reserved before it is made."""
    orders = _order_count(plan, index, None)
    return orders + int(orders * LINES_PER_ORDER * RETURN_SHARE * 3) + 100


def make_day(plan: Plan, index: int, *, first_order_id: int, lines: int | None = None) -> Day:
    """Return the documents sold on one day. lines: about how many, instead of the plan's."""
    rng = np.random.default_rng([plan.seed, 100, index])
    orders = _order_count(plan, index, lines)
    person, is_named, record = _buyers(plan, rng, index, orders)
    counts = np.minimum(rng.geometric(1 / LINES_PER_ORDER, orders), _LONGEST_RECEIPT)
    total = int(counts.sum())
    order = np.repeat(np.arange(orders), counts)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    product = _products(plan, rng, person[order])
    quantity = 1 + (rng.random(total) ** 4 * 4).astype(np.int64)
    full = plan.price_fen[product] * quantity
    discount = np.where(rng.random(total) < 0.2, full * rng.integers(5, 40, total) // 100, 0)
    store = np.where(rng.random(orders) < 0.75, plan.home_store[person], rng.integers(0, STORES, orders))
    midnight_us = (plan.day(index) - date(1970, 1, 1)).days * _DAY_US
    sold_us = midnight_us + _OPENING_US + (rng.random(orders) * _OPEN_US).astype(np.int64) - _SHANGHAI_US
    late = np.where(rng.random(orders) < LATE_SHARE, rng.integers(1, 8, orders), 0)
    channel = (rng.random(orders) < ONLINE_SHARE).astype(np.int64)
    sale: dict[str, Ints] = {
        "order_id": first_order_id + order, "line_no": np.arange(total) - starts[order] + 1,
        "net_order_id": first_order_id + order, "kind": np.zeros(total, dtype=np.int64), "record_id": record[order],
        "store_id": np.array(plan.store_ids)[store][order], "channel": channel[order], "sold_at": sold_us[order],
        "day": np.full(total, index), "product_id": np.array(plan.product_ids)[product], "qty_milli": quantity * 1_000,
        "amount_fen": full - discount, "discount_fen": discount,
    }  # fmt: skip
    back = np.flatnonzero(rng.random(total) < RETURN_SHARE)
    delay = rng.integers(1, LONGEST_DELAY_DAYS + 1, back.size)
    returned = {name: column[back] for name, column in sale.items()}
    returned["order_id"] = first_order_id + orders + np.arange(back.size)
    returned["line_no"] = np.ones(back.size, dtype=np.int64)
    returned["kind"] = np.ones(back.size, dtype=np.int64)
    returned["sold_at"] = returned["sold_at"] + delay * _DAY_US
    returned["day"] = returned["day"] + delay
    for name in ("qty_milli", "amount_fen", "discount_fen"):
        returned[name] = -returned[name]
    return Day(
        index=index,
        lines={name: np.concatenate([sale[name], returned[name]]) for name in sale},
        lands_on=np.concatenate([index + late[order], index + delay]),
        order_ids=orders + back.size,
        buyers=distinct(person[is_named]),
    )


def _order_count(plan: Plan, index: int, lines: int | None) -> int:
    weekend = 1.2 if plan.day(index).weekday() >= 5 else 0.92
    return max(1, int((plan.lines_per_day * weekend if lines is None else lines) / LINES_PER_ORDER))


def _buyers(plan: Plan, rng: np.random.Generator, index: int, orders: int) -> tuple[Ints, npt.NDArray[np.bool_], Ints]:
    """Return for each order the person, whether they are named, and the record id (0: anonymous)."""
    rank = (rng.random(orders) ** 2.2 * plan.members).astype(np.int64)  # a few buy often: the first fifth makes half
    person = rank * plan.stride % plan.members
    active = (plan.first_day[person] <= index) & (index <= plan.last_day[person])
    named = active & (rng.random(orders) >= ANONYMOUS_SHARE)
    extra = plan.extra_of_person[person]
    record = np.where((extra >= 0) & (rng.random(orders) < 0.5), extra, person) + plan.first_record_id
    return person, named, np.where(named, record, 0)


def _products(plan: Plan, rng: np.random.Generator, person: Ints) -> Ints:
    """
    Return a product's position for each line, the first ones the most popular. person: shape (lines,), whose line it is.

    A person's usual products are multiples of the golden ratio's fraction: even over all persons, and nothing to store.
    """
    usual = (rng.random(person.size) ** 2 * HABITS).astype(np.int64)
    habit = np.modf((person * HABITS + usual) * _GOLDEN)[0]
    draws = np.where(rng.random(person.size) < HABIT_SHARE, habit, rng.random(person.size))
    return (draws**2 * len(plan.product_ids)).astype(np.int64)


def landing_of(days: Sequence[Day], index: int) -> Columns:
    """Return the lines of these days that land on one day."""
    parts = [(day, day.lands_on == index) for day in days]
    return {name: np.concatenate([day.lines[name][mask] for day, mask in parts]) for name in days[-1].lines}


def tables_of(plan: Plan, lines: Columns) -> dict[str, pa.Table]:
    """Return the landing tables `lines` and `orders` of one batch."""
    count = lines["order_id"].size
    first_day = (plan.day(0) - date(1970, 1, 1)).days
    record = pa.array(lines["record_id"], mask=lines["record_id"] == 0)
    columns: dict[str, object] = {name: pa.array(column) for name, column in lines.items() if name not in ("record_id", "day")}
    columns["record_id"] = record
    columns["sold_at"] = pa.array(lines["sold_at"]).cast(pa.timestamp("us"))
    columns["business_date"] = pa.array((first_day + lines["day"]).astype(np.int32)).cast(pa.date32())
    columns["page_no"] = pa.array(np.ones(count, dtype=np.int32))
    columns["row_no"] = pa.array(np.arange(1, count + 1, dtype=np.int32))
    table = pa.table(columns)
    first = np.flatnonzero(lines["line_no"] == 1)
    heads = table.take(pa.array(first))
    numbers = pa.array([f"G{order_id}" for order_id in lines["order_id"][first].tolist()])
    return {"lines": table, "orders": heads.append_column("order_no", numbers)}


def named_buyers(days: Iterable[Day], last_seen: Ints) -> None:
    """Note on which day each person was last named on a sale; last_seen: shape (members,), -1 never."""
    for day in days:
        last_seen[day.buyers] = np.maximum(last_seen[day.buyers], day.index)
