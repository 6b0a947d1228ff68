"""
Charts as plain data: a builder per kind returns what `<c-chart>` draws and the same numbers as a table.

Colours, type and sizes belong to static/huitou/js/charts.js, which reads the style sheet. A missing value is None, never 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from huitou.web import formats

Value = float | int | None


class Unit(StrEnum):
    """What the values of a chart are. Shares are 0..1, money is whole fen."""

    COUNT = "count"
    MONEY = "money"
    MONEY_SHORT = "money_short"  # labels with 万 and 亿, in English k and M
    SHARE = "share"
    NUMBER = "number"


_TEXTS: Mapping[Unit, Callable[[Any], str]] = {
    Unit.COUNT: lambda value: formats.count_text(None if value is None else round(value)),
    Unit.MONEY: lambda value: formats.money_text(None if value is None else round(value)),
    Unit.MONEY_SHORT: lambda value: formats.short_money_text(None if value is None else round(value)),
    Unit.SHARE: formats.percent_text,
    Unit.NUMBER: formats.decimal_text,
}
SERIES_LOOKS = ("main", "compare", "target")


def value_text(value: Value, unit: Unit) -> str:
    """Write a value as the table and the labels show it."""
    return _TEXTS[unit](value)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every chart. note: unit and window. key: unique on its page, part of addresses."""

    key: str
    title: str
    note: str
    unit: Unit
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart (`data` is what the script reads) and its table."""

    frame: Frame
    kind: str
    data: Mapping[str, Any]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Point:
    """One value with its name. kind: "", good, caution, bad, muted or a tier; url: the rows behind it."""

    label: str
    value: Value
    kind: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Point2:
    """One point of two values."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Series:
    """A line. look: main, compare (grey, dashed) or target (amber, dashed); low and high make a pale band."""

    name: str
    values: Sequence[Value]
    look: str = "main"
    low: Sequence[Value] = ()
    high: Sequence[Value] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with both ends of its interval."""

    label: str
    value: float
    low: float
    high: float
    kind: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One tile of a map without geography: its column and row, counted from 0; a head only names what stands beside it."""

    label: str
    column: int
    row: int
    value: Value
    url: str = ""
    is_head: bool = False


def bars(frame: Frame, points: Sequence[Point], *, lying: bool = True) -> Chart:
    """Draw one bar per point from 0; lying bars have room for long names, standing ones read as time."""
    return _points("bars", frame, points, {"lying": lying})


def funnel(frame: Frame, points: Sequence[Point]) -> Chart:
    """Draw steps, first to last, centred and to scale; each says its share of the first and of the one before."""
    chart = _points("funnel", frame, points, {})
    first = points[0].value if points else None
    shares = [(_share(point.value, first), _share(point.value, before)) for point, before in _with_before(points)]
    rows = [
        (*row, formats.percent_text(of_first), formats.percent_text(of_before))
        for row, (of_first, of_before) in zip(chart.rows, shares, strict=True)
    ]
    notes = [formats.percent_text(of_first) for of_first, _of_before in shares]
    return Chart(frame, "funnel", {**chart.data, "notes": notes}, (*chart.head, _("占第一步"), _("占上一步")), rows)


def pyramid(frame: Frame, points: Sequence[Point], *, notes: Sequence[str] = ()) -> Chart:
    """Draw levels from the top down as bands of one triangle (an order, not lengths); the values stand beside them."""
    chart = _points("pyramid", frame, points, {"notes": list(notes)})
    if not notes:
        return chart
    rows = [(*row, note) for row, note in zip(chart.rows, notes, strict=True)]
    return Chart(frame, "pyramid", chart.data, (*chart.head, _("说明")), rows)


def waterfall(frame: Frame, *, start: Point, changes: Sequence[Point], end: Point, floor: float = 0.0) -> Chart:
    """
    Draw how start becomes end. floor: where the axis begins; other than 0 it belongs into the frame's note.

    Raises ValueError when the changes do not add up to the difference (to a millionth of the larger end).
    """
    total = (start.value or 0) + sum(change.value or 0 for change in changes)
    if abs(total - (end.value or 0)) > 1e-6 * max(abs(start.value or 0), abs(end.value or 0), 1e-9):
        raise ValueError(f"changes lead to {total}, not to {end.value}")
    chart = _points("waterfall", frame, [start, *changes, end], {"floor": floor})
    if frame.unit != Unit.SHARE:
        return chart
    moves = [one.value for one in changes]  # differences of shares are points, on the bars too
    texts = [chart.data["texts"][0], *(formats.points_text(move) for move in moves), chart.data["texts"][-1]]
    rows = [chart.rows[0], *((one.label, formats.signed_points_text(one.value)) for one in changes), chart.rows[-1]]
    return Chart(frame, chart.kind, {**chart.data, "texts": texts}, chart.head, rows)


def lines(frame: Frame, labels: Sequence[str], series: Sequence[Series], *, floor: float | None = None) -> Chart:
    """
    Draw lines over one axis of labels, left to right.

    floor: where the axis begins, stated under the title; None begins at 0. Raises ValueError on lengths that differ.
    """
    for one in series:
        lengths = {len(one.values), len(one.low) or len(labels), len(one.high) or len(labels)}
        if lengths != {len(labels)}:
            raise ValueError(f"{one.name!r} has {sorted(lengths)} values for {len(labels)} labels")
        if one.look not in SERIES_LOOKS:
            raise ValueError(f"unknown look {one.look!r}")
    data = {
        "labels": list(labels),
        "floor": floor,
        "floor_text": "" if floor is None else value_text(floor, frame.unit),
        "series": [
            {"name": one.name, "values": list(one.values), "look": one.look, "low": list(one.low), "high": list(one.high)}
            for one in series
        ],
    }
    rows = [(label, *(value_text(one.values[at], frame.unit) for one in series)) for at, label in enumerate(labels)]
    return Chart(frame, "lines", data, ("", *(one.name for one in series)), rows)


def pairs(frame: Frame, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Draw standing bars side by side, one per series and label, from 0. Raises ValueError on lengths that differ."""
    for one in series:
        if len(one.values) != len(labels):
            raise ValueError(f"{one.name!r} has {len(one.values)} values for {len(labels)} labels")
    texts = [[value_text(value, frame.unit) for value in one.values] for one in series]
    data = {
        "labels": list(labels),
        "series": [{"name": one.name, "values": list(one.values), "look": one.look} for one in series],
        "texts": texts,
    }
    return Chart(frame, "pairs", data, ("", *(one.name for one in series)), list(zip(labels, *texts, strict=True)))


def agreement(frame: Frame, points: Sequence[Point2], *, x_name: str, y_name: str) -> Chart:
    """Draw points against the line on which both values are equal; both axes begin at 0."""
    data = {"points": [[point.x, point.y] for point in points], "x_name": x_name, "y_name": y_name}
    rows = [(str(at), value_text(point.x, frame.unit), value_text(point.y, frame.unit)) for at, point in enumerate(points, 1)]
    return Chart(frame, "agreement", data, (_("组"), x_name, y_name), rows)


def intervals(frame: Frame, items: Sequence[Interval], *, reference: float | None = None, reference_name: str = "") -> Chart:
    """Draw estimates with their intervals and a reference line. The axis need not begin at 0: points have no length."""
    data = {
        "items": [
            {"label": one.label, "value": one.value, "low": one.low, "high": one.high, "kind": one.kind, "url": one.url}
            for one in items
        ],
        "texts": [value_text(one.value, frame.unit) for one in items],
        "reference": reference,
        "reference_name": reference_name,
    }
    rows = [(one.label, *(value_text(value, frame.unit) for value in (one.value, one.low, one.high))) for one in items]
    return Chart(frame, "intervals", data, ("", _("值"), _("区间下限"), _("区间上限")), rows)


def tile_grid(frame: Frame, cells: Sequence[Cell], *, bounds: Sequence[float]) -> Chart:
    """
    Draw cells in six shades, the value printed in each.

    bounds: five values, rising; a value equal to a bound takes the darker shade. Raises ValueError otherwise.
    """
    if len(bounds) != 5 or list(bounds) != sorted(set(bounds)):
        raise ValueError(f"need five rising bounds, got {bounds}")
    data = {
        "cells": [
            {
                "label": cell.label,
                "column": cell.column,
                "row": cell.row,
                "value": cell.value,
                "text": value_text(cell.value, frame.unit),
                "shade": None if cell.value is None else 1 + sum(cell.value >= bound for bound in bounds),
                "url": cell.url,
                "is_head": cell.is_head,
            }
            for cell in cells
        ],
        "bounds": [value_text(bound, frame.unit) for bound in bounds],
    }
    rows = [(cell.label, value_text(cell.value, frame.unit)) for cell in cells if not cell.is_head]
    return Chart(frame, "tiles", data, ("", _("值")), rows)


def _points(kind: str, frame: Frame, points: Sequence[Point], more: Mapping[str, Any]) -> Chart:
    texts = [value_text(point.value, frame.unit) for point in points]
    data = {
        "items": [{"label": one.label, "value": one.value, "kind": one.kind, "url": one.url} for one in points],
        "texts": texts,
        **more,
    }
    return Chart(frame, kind, data, ("", _("值")), [(one.label, text) for one, text in zip(points, texts, strict=True)])


def _with_before(points: Sequence[Point]) -> list[tuple[Point, Value]]:
    before = [points[0].value, *(point.value for point in points[:-1])] if points else []
    return list(zip(points, before, strict=True))


def _share(value: Value, whole: Value) -> float | None:
    return None if value is None or not whole else value / whole
