"""
A stretch of sorted rows: where it begins and which way it is read, as SQL.

The order is that of the lists: by one column, then by id in the same direction; rows without a value come last in both
directions.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keyset:
    """
    id, column: names written in our own SQL or taken from a catalogue, never user input; column "" sorts by the id alone.

    start: value (None: without one) and id of the row that the stretch begins behind; None: at the end of the list it comes
    from. backward: read towards the beginning of the list, nearest row first.
    """

    id: str
    column: str
    descending: bool
    limit: int
    start: tuple[object, int] | None = None
    backward: bool = False

    @property
    def falls(self) -> bool:
        """Whether values fall in the order of reading."""
        return self.descending != self.backward

    def order_sql(self) -> str:
        """Return what follows `order by`."""
        way = "desc" if self.falls else "asc"
        nulls = "nulls first" if self.backward else "nulls last"
        by_column = f"{self.column} {way} {nulls}, " if self.column else ""
        return f"{by_column}{self.id} {way}"

    def behind_sql(self) -> tuple[str, list[object]]:
        """Return the condition that holds for the rows of the stretch, and its parameters."""
        if self.start is None:
            return "true", []
        sign = "<" if self.falls else ">"
        value, row_id = self.start
        if not self.column:
            return f"{self.id} {sign} ?", [row_id]
        if value is None:
            tied = f"({self.column} is null and {self.id} {sign} ?)"
            return (f"({tied} or {self.column} is not null)" if self.backward else tied), [row_id]
        behind = f"({self.column} {sign}= ? and ({self.column} {sign} ? or {self.id} {sign} ?))"
        return (behind if self.backward else f"({behind} or {self.column} is null)"), [value, value, row_id]
