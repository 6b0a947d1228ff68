"""Where customers spend much and little: a tile per store (per region in a large chain), shaded per customer or in all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, takewhile

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huitou.apps.products.models import Store
from huitou.core.periods import Period
from huitou.warehouse.queries.store_spend import StoreSpend
from huitou.web import charts, formats
from huitou.web.charts import Cell, Chart, Frame, Unit

COLUMNS = 6  # of stores; the first column names the region
STORES_MOST = 60  # more tiles than this are read by nobody: a tile is a region then
LEAST_STORES = 2  # one tile compares nothing
SHADES = 6
Url = Callable[[int], str]


def heat_chart(
    stores: Sequence[Store], spends: Mapping[int, StoreSpend], period: Period, *, per_head: bool, url: Url
) -> Chart | None:
    """
    Draw the customers' spending of a period by store, regions in the order of their code, the best store first.

    per_head: yuan per customer, else the sum. url: of a store's tile. Stores without a customer have no tile; None when fewer
    than two are left.
    """
    known = [store for store in stores if store.pk in spends and spends[store.pk].customers]
    if len(known) < LEAST_STORES:
        return None
    value = _per_head if per_head else _in_all
    cells = _store_cells(known, spends, value, url) if len(known) <= STORES_MOST else _region_cells(known, spends, value)
    last = period.end - timedelta(days=1)
    texts = {"start": formats.day_text(period.start), "end": formats.day_text(last)}
    note = _("每位客户净消费，元，%(start)s 至 %(end)s") if per_head else _("客户净消费总额，%(start)s 至 %(end)s")
    frame = Frame("heat", _("区域消费热力"), note % texts, Unit.COUNT if per_head else Unit.MONEY_SHORT, last)
    return charts.tile_grid(frame, cells, bounds=bounds_of([cell.value for cell in cells if cell.value is not None]))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A tile as a row of a list: its value as text, and as a share (0..1) of the largest."""

    label: str
    text: str
    share: float
    url: str


def heat_ranks(chart: Chart) -> list[Ranked]:
    """Return the tiles with a value as a list, the largest first, for a screen too narrow for the map."""
    cells = [cell for cell in chart.data["cells"] if cell["value"] is not None]
    ordered = sorted(cells, key=lambda cell: -cell["value"])
    most = ordered[0]["value"] if ordered else 0
    return [Ranked(one["label"], one["text"], one["value"] / most if most else 0.0, one["url"]) for one in ordered]


def _per_head(spend: StoreSpend) -> int | None:
    return None if spend.mean_fen is None else round(spend.mean_fen / 100)


def _in_all(spend: StoreSpend) -> int:
    return spend.net_fen


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


def _store_cells(
    stores: Sequence[Store], spends: Mapping[int, StoreSpend], value: Callable[[StoreSpend], int | None], url: Url
) -> list[Cell]:
    names = dict(zip((store.pk for store in stores), short_names([store.name for store in stores]), strict=True))
    cells, row = [], 0
    for region, members in _by_region(stores):
        count = ngettext("%(number)s 店", "%(number)s 店", len(members)) % {"number": len(members)}
        cells.append(Cell(f"{region or _('没有区域')}\n{count}", 0, row, None, is_head=True))
        for place, store in enumerate(sorted(members, key=lambda store: (-(value(spends[store.pk]) or 0), store.pk))):
            column, down = place % COLUMNS + 1, row + place // COLUMNS
            address = url(store.pk) or reverse("stores:store", args=[store.pk])
            cells.append(Cell(names[store.pk], column, down, value(spends[store.pk]), address))
        row += (len(members) - 1) // COLUMNS + 1
    return cells


def _region_cells(
    stores: Sequence[Store], spends: Mapping[int, StoreSpend], value: Callable[[StoreSpend], int | None]
) -> list[Cell]:
    values = []
    for region, members in _by_region(stores):
        found = [spends[store.pk] for store in members]
        whole = StoreSpend(sum(one.net_fen for one in found), sum(one.customers for one in found))
        values.append((region or _("没有区域"), value(whole) or 0))
    ranked = sorted(values, key=lambda one: (-one[1], one[0]))
    return [Cell(name, place % COLUMNS, place // COLUMNS, amount) for place, (name, amount) in enumerate(ranked)]
