"""Where customers spend much and little: a tile per store (per region in a large chain), shaded by spending per customer."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby, takewhile

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huitou.apps.products.models import Store
from huitou.apps.value.queries import StoreTiers
from huitou.web import charts
from huitou.web.charts import Cell, Chart, Frame, Unit

COLUMNS = 6  # of stores; the first column names the region
STORES_MOST = 60  # more tiles than this are read by nobody: a tile is a region then
LEAST_STORES = 2  # one tile compares nothing
SHADES = 6


def heat_chart(stores: Sequence[Store], tiers: Mapping[int, StoreTiers], *, as_of: date) -> Chart | None:
    """
    Draw the yuan per customer of 12 months by home store, regions in the order of their code, the best store first.

    Stores without a customer with a tier have no tile. None when fewer than two are left.
    """
    known = [store for store in stores if store.pk in tiers]
    if len(known) < LEAST_STORES:
        return None
    cells = _store_cells(known, tiers) if len(known) <= STORES_MOST else _region_cells(known, tiers)
    frame = Frame("heat", _("区域消费热力"), _("每位有等级的客户近 12 个月净消费，元"), Unit.COUNT, as_of)
    return charts.tile_grid(frame, cells, bounds=bounds_of([cell.value for cell in cells if cell.value is not None]))


def bounds_of(values: Sequence[float]) -> list[float]:
    """
    Return the five rising bounds of six shades: the sixths of the sorted values, whole numbers of two digits that count.

    Equal sixths move up to the next number of that step, so six equal values share one shade. Raises ValueError on no value.
    """
    if not values:
        raise ValueError("no value to shade")
    ordered = sorted(values)
    step = 10 ** max(len(str(round(abs(ordered[-1])))) - 2, 0)
    bounds: list[float] = []
    for sixth in range(1, SHADES):
        bound = round(ordered[min(sixth * len(ordered) // SHADES, len(ordered) - 1)] / step) * step
        bounds.append(bound if not bounds or bound > bounds[-1] else bounds[-1] + step)
    return bounds


def short_names(names: Sequence[str]) -> list[str]:
    """Return the names without what all of them begin and end with; as they are when that leaves one without a letter."""
    before = _shared(names)
    after = _shared([name[before:][::-1] for name in names])
    short = [name[before : len(name) - after].strip() for name in names]
    return short if all(short) else list(names)


def _shared(names: Sequence[str]) -> int:
    """Return how many letters all of them begin with."""
    return len(list(takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))))


def _by_region(stores: Iterable[Store]) -> list[tuple[str, list[Store]]]:
    """Return (region name, its stores) by region code, "" for none."""
    ordered = sorted(stores, key=lambda store: store.region_code)
    regions = [list(found) for _code, found in groupby(ordered, key=lambda store: store.region_code)]
    return [(found[0].region_name, found) for found in regions]


def _store_cells(stores: Sequence[Store], tiers: Mapping[int, StoreTiers]) -> list[Cell]:
    names = dict(zip((store.pk for store in stores), short_names([store.name for store in stores]), strict=True))
    cells, row = [], 0
    for region, members in _by_region(stores):
        count = ngettext("%(number)s 店", "%(number)s 店", len(members)) % {"number": len(members)}
        cells.append(Cell(f"{region or _('没有区域')}\n{count}", 0, row, None, is_head=True))
        for place, store in enumerate(sorted(members, key=lambda store: (-tiers[store.pk].mean_fen, store.pk))):
            column, down = place % COLUMNS + 1, row + place // COLUMNS
            url = reverse("stores:store", args=[store.pk])
            cells.append(Cell(names[store.pk], column, down, round(tiers[store.pk].mean_fen / 100), url))
        row += (len(members) - 1) // COLUMNS + 1
    return cells


def _region_cells(stores: Sequence[Store], tiers: Mapping[int, StoreTiers]) -> list[Cell]:
    means = []
    for region, members in _by_region(stores):
        found = [tiers[store.pk] for store in members]
        mean_fen = sum(one.net_fen for one in found) / sum(one.high.denominator for one in found)
        means.append((region or _("没有区域"), round(mean_fen / 100)))
    ranked = sorted(means, key=lambda one: (-one[1], one[0]))
    return [Cell(name, place % COLUMNS, place // COLUMNS, yuan) for place, (name, yuan) in enumerate(ranked)]
