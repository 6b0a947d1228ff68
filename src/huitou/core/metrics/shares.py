"""Formulas of the registry's shares. Nothing to divide by is "no answer", never 0."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole that keeps both. Raises ValueError unless 0 <= numerator <= denominator."""

    numerator: float
    denominator: float

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"not a share: {self.numerator} of {self.denominator}")

    @property
    def value(self) -> float | None:
        """0..1, or None when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


def surplus_share(rows: int, distinct: int) -> Share:
    """
    Return how much of the rows is surplus: (rows - distinct) / rows.

    With source records and the persons they resolve to it is the duplicate rate before resolution; with live persons and
    the groups of persons that look alike, the rate after it. Raises ValueError when distinct exceeds rows.
    """
    return Share(rows - distinct, rows)


def dormancy_rate(*, dormant: int, buyers: int) -> Share:
    """Return dormant members of the members with at least one order (R2): 450 of 1,000 -> 45.0 %."""
    return Share(dormant, buyers)
