"""Key figures as tiles show them: the definition of the registry, the value, and how it moved. One shape for every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.core.metrics.registry import Better, Metric, Unit, metric
from huitou.core.metrics.shares import Share
from huitou.web import formats

Value = float | int | None
SHARES_OF_MONEY = frozenset({"identified_revenue_share", "identified_share", "return_share"})


@dataclass(frozen=True, slots=True)
class Change:
    """How a value differs from the one it is compared with. kind: good, bad or "" (neither, or no difference)."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Aim:
    """A target (as text and as a share 0..1), the gap to it in words, and whether it is met."""

    target: str
    share: float
    gap: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One tile. value: in the unit of the metric (fen, count, share 0..1), None without an answer. parts: what it was divided
    from, as text; what it was divided by follows. beside: a line that stands alone. url: the rows behind it, empty where the
    viewer may not open them. was: what it began at, as a share. interval: 95 % of a share.
    """

    metric: Metric
    value: Value
    parts: str = ""
    beside: str = ""
    change: Change | None = None
    aim: Aim | None = None
    trend: Sequence[float] = ()
    as_of: date | None = None
    url: str = ""
    was: float | None = None
    interval: tuple[float, float] | None = None

    @property
    def text(self) -> str:
        return value_text(self.metric.unit, self.value)

    @property
    def number(self) -> str:
        """The value without its unit, which stands smaller beside it."""
        return self.text.partition(formats.NO_BREAK)[0]

    @property
    def unit(self) -> str:
        return self.text.partition(formats.NO_BREAK)[2]

    @property
    def target(self) -> float | None:
        return self.aim.share if self.aim else None

    @property
    def divided(self) -> str:
        """The parts and what they were divided by: "52,480 ÷ 131,200 members"."""
        return f"{self.parts} {self.metric.denominator.text(get_language() or 'zh-hans')}" if self.parts else ""

    @property
    def window(self) -> str:
        """What time it covers, and which way is better."""
        window = self.metric.window.text(get_language() or "zh-hans")
        better = {Better.HIGHER: _("越高越好"), Better.LOWER: _("越低越好")}.get(self.metric.better)
        return f"{window} · {better}" if better else window

    @property
    def exact(self) -> str:
        """The amount whole where the tile shortens it."""
        return formats.money_text(_whole(self.value), decimals=2) if self.metric.unit is Unit.FEN else ""

    @property
    def info(self) -> str:
        """Formula, denominator and window in the language of the page."""
        language = get_language() or "zh-hans"
        said = [self.metric.formula.text(language)]
        if self.metric.denominator.text(language) != formats.MISSING:
            said.append(_("分母：%(what)s") % {"what": self.metric.denominator.text(language)})
        said.append(_("窗口：%(what)s") % {"what": self.metric.window.text(language)})
        return _("。").join(said)


def value_text(unit: Unit, value: Value) -> str:
    """Write a value of a metric for a tile."""
    if unit is Unit.SHARE:
        return formats.percent_text(value)
    if unit is Unit.SECONDS:
        return formats.duration_text(value)
    return formats.short_money_text(_whole(value)) if unit is Unit.FEN else formats.count_text(_whole(value))


def figure(key: str, value: Value, *, before: Value = None, **more: object) -> Figure:
    """Return the tile of a metric; with a value before, its change is told. Raises KeyError on an unknown metric."""
    known = metric(key)
    return Figure(known, value, change=change(known, value, before), **more)  # type: ignore[arg-type]  # fields of Figure


def share_figure(key: str, share: Share | None, *, before: Share | None = None, **more: object) -> Figure:
    """Return the tile of a share with both of its parts."""
    known = metric(key)
    parts = "" if share is None else parts_text(known, share)
    value, value_before = (None if one is None else one.value for one in (share, before))
    return figure(key, value, before=value_before, parts=parts, **more)


def parts_text(known: Metric, share: Share) -> str:
    """Write numerator and denominator: 52,480 ÷ 131,200, amounts as money."""
    write = formats.short_money_text if known.key in SHARES_OF_MONEY else formats.count_text
    return f"{write(round(share.numerator))} ÷ {write(round(share.denominator))}"


def change(known: Metric, value: Value, before: Value) -> Change | None:
    """Return the difference in words: percentage points of a share, percent of an amount. None without both."""
    if value is None or before is None:
        return None
    if known.unit is Unit.SHARE:
        text = _("%(points)s 个百分点") % {"points": formats.signed_points_text(value - before)}
        return Change(text, direction(known, value - before))
    if not before:
        return None
    share = (value - before) / abs(before)
    return Change(formats.signed_percent_text(share), direction(known, share))


def direction(known: Metric, difference: float) -> str:
    """Say whether a difference (of shares) is good or bad for this metric; "" when it is neither or reads as 0.0."""
    if known.better is Better.NEITHER or abs(difference) < 0.0005:
        return ""
    return "good" if (difference > 0) == (known.better is Better.HIGHER) else "bad"


def aim(known: Metric, value: Value, target: float | None) -> Aim | None:
    """Return how a share stands to its target; None without one of them."""
    if value is None or target is None:
        return None
    gap = value - target
    is_met = gap >= 0 if known.better is Better.HIGHER else gap <= 0
    return Aim(
        formats.percent_text(target), target, _("%(points)s 个百分点") % {"points": formats.signed_points_text(gap)}, is_met
    )


def _whole(value: Value) -> int | None:
    return None if value is None else round(value)
