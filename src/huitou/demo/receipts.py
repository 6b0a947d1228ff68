"""
How baskets become documents: who is named at the till, what comes back, which store of sale, which number.

All of it is synthetic and drawn per basket, so that a basket has the same fate at every build.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from huitou.demo.people import Person

ANONYMOUS_SHARE = 0.15
BESIDE_SHARE = 0.15  # of the households: the phone is typed beside the card
RETURN_SHARE = 0.016  # of baskets
WHOLE_RETURN_SHARE = 0.15  # of returns: everything comes back
VOID_SHARE = 0.003
LATE_SHARE = 0.01  # of receipts: they reach headquarters 1 to 7 days later
PLANTED_STORE_NO = 14
HIGH_VALUE_SHARE = 0.20  # of the people with a purchase, by net spend
PLANTED_HIGH_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class PlantedStore:
    """The store with few high-value customers: people whose home store it is, and how many of them are high-value."""

    store_code: str
    customers: int
    high_value: int
    swapped_households: int


@dataclass(frozen=True, slots=True)
class Typed:
    """A customer as the tills know them: the card or phone that stands on receipts, first seen on a day."""

    person_id: int
    card: str
    phone: str
    first_day: date


def identify(workshop: duckdb.DuckDBPyConnection, people: Sequence[Person]) -> None:
    """
    Add to `baskets`: person_id, card, phone (typed at the till), is_named (tied to a person by what the till or mall knows),
    is_last (the household's last one: always named, never returned).
    """
    buyers = [person for person in people if person.household_id is not None]
    workshop.execute(
        "create temp table buyer (household_id bigint, person_id bigint, is_member boolean, card varchar, old_card varchar,"
        " replaced_on date, phone varchar)"
    )
    columns = zip(
        *((p.household_id, p.person_id, p.is_member, p.card, p.old_card, p.card_replaced_on, p.phone) for p in buyers),
        strict=True,
    )
    workshop.execute(
        "insert into buyer select unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::boolean[]), unnest(?::varchar[]),"
        " unnest(?::varchar[]), unnest(?::date[]), unnest(?::varchar[])",
        [list(column) for column in columns],
    )
    workshop.execute(
        "create or replace table baskets as with seen as ("
        "  select b.*, k.person_id, k.is_member, k.phone as own_phone,"
        "    case when k.old_card is not null and b.day < k.replaced_on then k.old_card else k.card end as own_card,"
        "    row_number() over (partition by b.household_id order by sold_at desc, basket_id desc) = 1 as is_last,"
        "    bool_or(is_online) over (partition by b.household_id) as shops_online,"
        "    draw('habit', b.household_id) as habit,"
        "    draw('beside', b.household_id) < ? as types_both"
        "  from baskets b join buyer k using (household_id)),"
        " named as (select *, case when is_online then 'mall'"
        "    when not is_member and shops_online then 'nobody'"
        "    when not is_last and draw('anonymous', basket_id) < ? then 'nobody'"
        "    when not is_member then 'phone'"
        "    when habit < 0.64 then 'card' when habit < 0.94 then 'phone'"
        "    when draw('way', basket_id) < 0.5 then 'card' else 'phone' end as way from seen)"
        " select basket_id, household_id, person_id, sold_at, day, is_online, store_no, is_last, way <> 'nobody' as is_named,"
        "   case when way = 'card' then own_card end as card,"
        "   case when way = 'phone' or (way = 'card' and types_both) then own_phone end as phone"
        " from named",
        [BESIDE_SHARE, ANONYMOUS_SHARE],
    )


def take_back(workshop: duckdb.DuckDBPyConnection, *, anchor: date) -> None:
    """
    Fill `returns`: basket_id, kind ('R' return, 'V' void), back_at, and `return_lines`: basket_id, line_no (of the sale).

    Never the last basket of a household; a return comes 1 to 14 days later and not after the anchor.
    """
    workshop.execute(
        "create table returns as from (with fate as (select basket_id, sold_at,"
        "   case when draw('return', basket_id) < ? then 'R'"
        "        when not is_online and draw('void', basket_id) < ? then 'V' end as kind"
        "   from baskets where not is_last)"
        " select basket_id, kind, case kind when 'V' then sold_at + interval 4 minute"
        "   else sold_at::date + (1 + floor(draw('return day', basket_id) * 14))::integer"
        "     + to_minutes((600 + draw('return time', basket_id) * 600)::bigint) end as back_at"
        " from fate where kind is not null) where back_at::date <= ?",
        [RETURN_SHARE, VOID_SHARE, anchor],
    )
    workshop.execute(
        "create table return_lines as select basket_id, line_no from lines join returns using (basket_id)"
        " qualify kind = 'V' or draw('whole return', basket_id) < ?"
        "  or row_number() over (partition by basket_id order by draw('return line', basket_id || '-' || line_no)) = 1",
        [WHOLE_RETURN_SHARE],
    )


def plant_store(workshop: duckdb.DuckDBPyConnection) -> PlantedStore:
    """
    Make exactly 12 % of one store's customers high-value ones by swapping it with another store in whole histories.

    A customer's home store is the one with most of their named purchases; high-value are the first 20 % of all people with a
    purchase by net spend. Histories with a tie at the top that involves the store leave it.
    """
    store = PLANTED_STORE_NO
    spend: dict[int, int] = dict(
        workshop.execute(
            "with net as (select basket_id, sum(amount_fen) as fen from lines"
            "   anti join return_lines using (basket_id, line_no) group by 1)"
            " select person_id, sum(fen)::bigint from baskets join net using (basket_id) where is_named group by 1"
        ).fetchall()
    )
    best = sorted(spend, key=lambda person: (-spend[person], person))
    high = frozenset(best[: int(len(best) * HIGH_VALUE_SHARE)])
    visits: dict[int, Counter[int]] = {}
    for person, store_no, count in workshop.execute(
        "select person_id, store_no, count(*) from baskets semi join (select distinct basket_id from lines"
        "  anti join return_lines using (basket_id, line_no)) using (basket_id) where is_named group by 1, 2 order by 1, 2"
    ).fetchall():
        visits.setdefault(person, Counter())[store_no] = count
    swaps: dict[int, int] = {}  # person -> the store that changes places with the planted one
    homes: dict[int, int] = {}
    for person, counts in visits.items():
        top = max(counts.values())
        tied = [store_no for store_no, count in counts.items() if count == top]
        if store in tied and len(tied) > 1:
            swaps[person] = -min(store_no for store_no in tied if store_no != store)  # negative: move over, no swap
        elif top >= 2 and sum(count > top - 2 for count in counts.values()) == 1:
            homes[person] = tied[0]
    certain = [person for person, counts in visits.items() if counts.most_common(1)[0][0] == store and person not in swaps]
    units = max(1, round(len(certain) / 25))
    for is_high, wanted in ((True, 3 * units), (False, 22 * units)):
        inside = [person for person in certain if (person in high) == is_high]
        for person in inside[wanted:]:
            others = [store_no for store_no, _ in visits[person].most_common() if store_no != store]
            swaps[person] = others[0] if others else store + 1
        outside = [person for person in sorted(homes) if homes[person] != store and (person in high) == is_high]
        for person in outside[: max(0, wanted - len(inside))]:
            swaps[person] = homes[person]
    _swap(workshop, swaps, store)
    return PlantedStore(f"S{store:03d}", 25 * units, 3 * units, len(swaps))


def _swap(workshop: duckdb.DuckDBPyConnection, swaps: dict[int, int], store: int) -> None:
    if not swaps:
        return
    workshop.execute("create temp table store_swap (person_id bigint, other integer)")
    workshop.execute(
        "insert into store_swap select unnest(?::bigint[]), unnest(?::integer[])", [list(swaps), list(swaps.values())]
    )
    workshop.execute(
        "update baskets set store_no = case when store_no = ? then abs(other) when other > 0 then ? else store_no end"
        " from store_swap s where s.person_id = baskets.person_id and store_no in (?, other)",
        [store, store, store],
    )


def number_documents(workshop: duckdb.DuckDBPyConnection, *, anchor: date) -> None:
    """Add document_no to `baskets` and `returns`, and export_day (the file a receipt lies in) to both."""
    workshop.execute(
        "create or replace table baskets as with numbered as (select *, row_number() over ("
        "   partition by is_online, case when is_online then 0 else store_no end, day order by sold_at, basket_id) as number"
        "  from baskets)"
        " select * exclude (number), case when is_online then 'M' || strftime(day, '%y%m%d') || lpad(number::varchar, 5, '0')"
        "   else store_code(store_no) || '-' || strftime(day, '%y%m%d') || '-' || lpad(number::varchar, 4, '0')"
        "   end as document_no, least(day + case when draw('late', basket_id) < ?"
        "     then (1 + floor(draw('late days', basket_id) * 7))::integer else 0 end, ?) as export_day from numbered",
        [LATE_SHARE, anchor],
    )
    workshop.execute(
        "create or replace table returns as select r.*, b.document_no || '-' || r.kind as document_no,"
        " back_at::date as export_day from returns r join baskets b using (basket_id)"
    )


def typed_customers(workshop: duckdb.DuckDBPyConnection) -> list[Typed]:
    """Return whom the tills know: one entry per card on a receipt, and per phone on a receipt without a card."""
    rows = workshop.execute(
        "select person_id, card, max(phone), min(day) from baskets where is_named and not is_online"
        " group by person_id, card, case when card is null then phone end order by 1, 2, 3"
    ).fetchall()
    return [Typed(person_id, card or "", phone or "", day) for person_id, card, phone, day in rows]
