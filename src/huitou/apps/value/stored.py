"""
The rows of PersonValue as columns: read, compare, write. Everything here is for the run; screens use the queries.

A column is an array of Python values, None for "no answer", days as ISO text: so old and new compare, and go out unchanged.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.backends.utils import CursorWrapper

from huitou.apps.base.bulk import chunked
from huitou.apps.value.models import SCENARIOS, SLOTS, PersonValue
from huitou.core.consent import CHANNELS
from huitou.core.value.lifecycle import Stage
from huitou.core.value.scoring import STAGES

Column = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]

WHOLE = (
    "store_id", "r", "f", "m", "rfm_total", "net_365d_fen", "clv_12m_fen", "average_ticket_fen", "cycle_days",
    "spending_power", "interaction_power", "potential_power", "mood_points", "basket_milli", "preferred_hour",
)  # fmt: skip
SHARES = ("mood", "discount_share", "online_share", "top_category_share")
CODES: Mapping[str, tuple[str, ...]] = {
    "stage": tuple(stage.value for stage in STAGES),
    "preferred_channel": CHANNELS,
}
TIERS = tuple(f"tier_{slot}" for slot in range(1, SLOTS + 1))
SINCE = tuple(f"{name}_since" for name in TIERS)
FLAGS = tuple(f"scenario_{slot}" for slot in range(1, SCENARIOS + 1))
COLUMNS = (*WHOLE, *SHARES, *CODES, *TIERS, *SINCE, *FLAGS)
SHARE_DIGITS = 4  # a share that moved by less is not written again

TABLE = PersonValue._meta.db_table
_STAGE = f"{TABLE}_stage"
_READ_ROWS = 20_000
_IDS_PER_STATEMENT = 5_000

assert Stage.NEW.value == CODES["stage"][0]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in rising person_id, column by column; shapes (n,)."""

    person_ids: npt.NDArray[np.int64]
    columns: dict[str, Column]

    def lined_up(self, person_ids: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.bool_], dict[str, Column]]:
        """Return which of the persons (rising) have a row, and the columns in their order, None where there is no row."""
        if np.array_equal(self.person_ids, person_ids):
            return np.ones(person_ids.size, dtype=np.bool_), self.columns
        known = np.isin(person_ids, self.person_ids, assume_unique=True)
        places = np.searchsorted(self.person_ids, person_ids[known])
        found: dict[str, Column] = {}
        for name, values in self.columns.items():
            column = np.full(person_ids.size, None, dtype=object)
            column[known] = values[places]
            found[name] = column
        return known, found


def rows_read(person_ids: Collection[int] | None = None) -> Rows:
    """
    Return the stored rows of these persons, or of everybody.

    Of everybody, columns without a single answer are not read: most slots are empty, and an empty cell costs as much as
    a full one.
    """
    parts: list[list[Column]] = []
    with connection.cursor() as cursor:
        names = _answered(cursor) if person_ids is None else COLUMNS
        selected = "".join(f", cast({name} as text)" if name in SINCE else f", {name}" for name in names)
        statement = f"select person_id{selected} from {TABLE}"
        if person_ids is None:
            cursor.execute(f"{statement} order by person_id")
            while rows := cursor.fetchmany(_READ_ROWS):
                parts.append(_columns(rows))
        else:
            for ids in chunked(sorted(person_ids), _IDS_PER_STATEMENT):
                marks = ", ".join(["%s"] * len(ids))
                cursor.execute(f"{statement} where person_id in ({marks}) order by person_id", ids)
                if rows := cursor.fetchall():
                    parts.append(_columns(rows))
    nothing = np.empty(0, dtype=object)
    whole = [np.concatenate(pieces) for pieces in zip(*parts, strict=True)] or [nothing] * (len(names) + 1)
    unanswered: Column = np.full(whole[0].size, None, dtype=object)
    answered = dict(zip(names, whole[1:], strict=True))
    return Rows(whole[0].astype(np.int64), {name: answered.get(name, unanswered) for name in COLUMNS})


def whole_column(values: Floats) -> Column:
    """Return numbers as stored: whole ones, None for NaN."""
    missing = np.isnan(values)
    column = np.where(missing, 0, values).astype(np.int64).astype(object)
    column[missing] = None
    return column


def share_column(values: Floats) -> Column:
    """Return shares as stored: rounded, None for NaN."""
    column = np.round(values, SHARE_DIGITS).astype(object)
    column[np.isnan(values)] = None
    return column


def code_column(places: npt.NDArray[np.integer[Any]], codes: Sequence[str]) -> Column:
    """Return places as stored codes; below 0 is None."""
    words = np.array([*codes, None], dtype=object)
    return words[np.where(places < 0, len(codes), places)]


def flag_column(values: Floats) -> Column:
    """Return 1 and 0 as stored flags, None for NaN."""
    column: Column = (values == 1).astype(object)
    column[np.isnan(values)] = None
    return column


def place_of(column: Column, codes: Sequence[str]) -> npt.NDArray[np.int8]:
    """Return the places of stored codes; -1 for None and for a code that is no longer there."""
    found = np.full(column.size, -1, dtype=np.int8)
    for place, code in enumerate(codes):
        found[column == code] = place
    return found


def rows_write(
    person_ids: Sequence[int], run_id: int, columns: Mapping[str, Column], positions: Sequence[int], names: Sequence[str]
) -> None:
    """
    Insert or overwrite these columns of the rows at these positions, in the caller's transaction; positions in order of person.

    A column that is not named keeps what stands there, and is null in a new row. A new row keeps that this run brought it.
    """
    at, runs = np.array(positions), [run_id] * len(person_ids)
    rows = list(zip(person_ids, runs, runs, *(columns[name][at].tolist() for name in names), strict=True))
    listed = ", ".join(("person_id", "first_run_id", "run_id", *names))
    upsert = "on conflict (person_id) do update set " + ", ".join(f"{name} = excluded.{name}" for name in ("run_id", *names))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"create temp table {_STAGE} (like {TABLE}) on commit drop")
            with cursor.copy(f"copy {_STAGE} ({listed}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(f"insert into {TABLE} ({listed}) select {listed} from {_STAGE} {upsert}")
            cursor.execute(f"drop table {_STAGE}")
        else:
            marks = ", ".join(["%s"] * (len(names) + 3))
            cursor.executemany(f"insert into {TABLE} ({listed}) values ({marks}) {upsert}", rows)


def rows_delete(person_ids: Collection[int]) -> Iterator[int]:
    """Delete the rows of persons without facts, chunk by chunk; yields how many each statement took."""
    for chunk in chunked(sorted(person_ids), _IDS_PER_STATEMENT):
        yield PersonValue.objects.filter(pk__in=chunk).delete()[0]


def _answered(cursor: CursorWrapper) -> tuple[str, ...]:
    """Return the columns in which anybody has an answer."""
    cursor.execute(f"select {', '.join(f'count({name})' for name in COLUMNS)} from {TABLE}")
    return tuple(name for name, answers in zip(COLUMNS, cursor.fetchone(), strict=True) if answers)


def _columns(rows: Sequence[Sequence[Any]]) -> list[Column]:
    """Turn rows into columns; a few thousand at a time, so that no million tuples stand in memory."""
    columns = []
    for values in zip(*rows, strict=True):
        column = np.empty(len(values), dtype=object)
        column[:] = values
        columns.append(column)
    return columns
