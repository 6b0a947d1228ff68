"""
The schemes that ship, read from the tables beside this module: those of the chain itself, and one template per industry
(docs/algorithms/tiers.md).

templates.csv has a row per scheme, template_tiers.csv one per tier, best first; pairs stand as `input=number`. A template is
taken over by one click and edited from there; inputs that come from outside are marked in `inputs`.
"""

import csv
from collections.abc import Mapping
from pathlib import Path

from huitou.core.labels import Label
from huitou.core.value.scheme import Kind, Recut, Scheme, Tier, check_scheme
from huitou.core.value.tiers import SchemeInvalid

_HERE = Path(__file__).parent
_Row = Mapping[str, str]


def schemes_read(schemes: list[_Row], tiers: list[_Row]) -> tuple[dict[str, Scheme], frozenset[str]]:
    """
    Return the checked schemes of two tables by code, in their order, and the codes of those in force from the start.

    Raises SchemeInvalid: as `check_scheme`, "unreadable" for a text that is no number, "code_twice", "no_scheme" for a tier of
    a scheme that is not there.
    """
    found = {row["scheme"]: _scheme(row, [tier for tier in tiers if tier["scheme"] == row["scheme"]]) for row in schemes}
    if len(found) < len(schemes):
        raise SchemeInvalid("code_twice", ", ".join(row["scheme"] for row in schemes))
    if lost := sorted({tier["scheme"] for tier in tiers} - found.keys()):
        raise SchemeInvalid("no_scheme", ", ".join(lost))
    return found, frozenset(row["scheme"] for row in schemes if row["from_start"] == "yes")


def _scheme(row: _Row, tiers: list[_Row]) -> Scheme:
    try:
        scheme = Scheme(
            code=row["scheme"],
            label=_label(row, "label"),
            kind=Kind(row["kind"]),
            tiers=tuple(_tier(tier) for tier in tiers),
            weights=_pairs(row["weights"]),
            recut=Recut(row["recut"]),
            drop_at_most=int(row["drop_at_most"] or 0),
            mood_below=_number(row["mood_below"]),
        )
    except ValueError as error:
        raise SchemeInvalid("unreadable", f"{row['scheme']}: {error}") from error
    check_scheme(scheme)
    return scheme


def _tier(row: _Row) -> Tier:
    return Tier(
        code=row["tier"],
        label=_label(row, "label"),
        goal=_label(row, "goal"),
        service=_label(row, "service"),
        upgrade=_label(row, "upgrade"),
        cost_fen=int(row["cost_yuan"]) * 100 if row["cost_yuan"] else None,
        share=_number(row["share"]),
        at_least=_pairs(row["at_least"]),
        at_most=_pairs(row["at_most"]),
    )


def _label(row: _Row, name: str) -> Label:
    return Label(row[f"{name}_zh"], row[f"{name}_en"])


def _number(text: str) -> float | None:
    return float(text) if text else None


def _pairs(text: str) -> dict[str, float]:
    return {name: float(value) for name, _, value in (pair.partition("=") for pair in text.split())}


def _rows(name: str) -> list[_Row]:
    with (_HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


SHIPPED, _FROM_START = schemes_read(_rows("templates.csv"), _rows("template_tiers.csv"))
ACTIVE_FROM_START: tuple[Scheme, ...] = tuple(scheme for code, scheme in SHIPPED.items() if code in _FROM_START)
