"""
Cut histories: the source holds only loyal shoppers over one year, a chain also has sleeping and new customers.

Law of the cut (all of it synthetic): of the members with an order exactly 45.0 % are dormant. Households silent by nature for
90 days count first; the rest are drawn, and each buys for the last time U^1.5 of the way from its first purchase to 90 days ago:
all year round, and rather early, as customers leave. (Had all of them left in the last half year, no forecast made before
could know it.) Three in ten of the active members begin late, on a day drawn evenly over the year. Nobody's last purchase lies
81 to 89 days back, so that the share stays the same for a week.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np

DORMANT_DAYS = 90
QUIET_GAP_DAYS = 80  # an active member's last purchase is at most so long ago
EARLY_LEAVING = 1.5  # power of the even draw; 1 is evenly over the time
LATE_START_SHARE = 0.30
NON_MEMBER_SHARE = 0.025  # of the households: mall customers and phone numbers without a card


@dataclass(frozen=True, slots=True)
class Histories:
    """
    Household ids by part. members: exactly 45.0 % of them are dormant. cut_lines, cut_fen: what the cut took away.
    """

    members: tuple[int, ...]
    dormant: frozenset[int]
    late_starters: frozenset[int]
    non_members: tuple[int, ...]
    cut_lines: int
    cut_fen: int


def cut_histories(workshop: duckdb.DuckDBPyConnection, *, anchor: date, seed: int) -> Histories:
    """
    Delete the baskets outside each household's window from `baskets` and `lines`. Raises ValueError under 40 households,
    or when more than 45 % are silent by nature.
    """
    rows = workshop.execute(
        "select household_id, min(day), max(day) from baskets group by 1 order by draw('member', household_id)"
    ).fetchall()
    member_count = int(len(rows) * (1 - NON_MEMBER_SHARE)) // 20 * 20
    if member_count < 40:
        raise ValueError(f"too few households for a chain: {len(rows)}; take a larger fraction")
    dormant_edge, active_edge = anchor - timedelta(days=DORMANT_DAYS), anchor - timedelta(days=QUIET_GAP_DAYS)
    # A household first seen inside the gap can be neither active nor dormant by the rule: it stays without a card.
    fitting = [row for row in rows if row[1] <= dormant_edge or row[2] >= active_edge]
    members, rest = fitting[:member_count], {row[0] for row in rows}
    rest -= {row[0] for row in members}
    silent = [row for row in members if row[2] < active_edge]
    awake = [row for row in members if row[2] >= active_edge]
    wanted = member_count * 9 // 20 - len(silent)
    if wanted < 0:
        raise ValueError(f"{len(silent)} of {member_count} households are silent by nature: more than 45 %")
    chosen = [row for row in awake if row[1] <= dormant_edge][:wanted]
    rng = np.random.default_rng([seed, 1])
    windows: list[tuple[int, date, date]] = []
    for household, first, last in silent + chosen:
        share = rng.random() ** EARLY_LEAVING
        leaves = first + timedelta(days=int(share * ((dormant_edge - first).days + 1)))
        until = min(last, dormant_edge) if (household, first, last) in silent else leaves
        windows.append((household, first, until))
    dormant = frozenset(window[0] for window in windows)
    late: set[int] = set()
    for household, _, last in awake:
        if household not in dormant and rng.random() < LATE_START_SHARE:
            late.add(household)
            windows.append((household, min(last, anchor - timedelta(days=int(rng.random() * 340))), last))
    cut_lines, cut_fen = _cut(workshop, windows)
    return Histories(
        members=tuple(sorted(row[0] for row in members)),
        dormant=dormant,
        late_starters=frozenset(late),
        non_members=tuple(sorted(rest)),
        cut_lines=cut_lines,
        cut_fen=cut_fen,
    )


def _cut(workshop: duckdb.DuckDBPyConnection, windows: list[tuple[int, date, date]]) -> tuple[int, int]:
    """Delete what lies outside the windows (household, first day, last day); return the lines and fen that went."""
    workshop.execute("create temp table history_window (household_id bigint, first_day date, last_day date)")
    workshop.execute(
        "insert into history_window select unnest(?::bigint[]), unnest(?::date[]), unnest(?::date[])",
        [list(column) for column in zip(*windows, strict=True)],
    )
    workshop.execute(
        "create temp table cut_basket as select basket_id from baskets join history_window using (household_id)"
        " where day < first_day or day > last_day"
    )
    went = workshop.execute(
        "select count(*), coalesce(sum(amount_fen), 0)::bigint from lines semi join cut_basket using (basket_id)"
    ).fetchone()
    for table in ("lines", "baskets"):
        workshop.execute(f"create or replace table {table} as from {table} anti join cut_basket using (basket_id)")
    return went or (0, 0)
