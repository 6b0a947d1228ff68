"""How many members a segment had on each of the last 30 days."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from huitou.apps.builds.queries import version_stamp
from huitou.apps.segments.models import Segment, SegmentRefresh
from huitou.apps.segments.queries import DayCount, members_by_day
from huitou.web import formats
from huitou.web.charts import Chart, Frame, Series, Unit, lines

DAYS = 30


@dataclass(frozen=True, slots=True)
class Trend:
    """The chart; None while fewer than two days are known, with the day since which the members are."""

    chart: Chart | None
    since: date


def segment_trend(segment: Segment, last: SegmentRefresh | None) -> Trend | None:
    """Return the trend of a segment; None before its first calculation. It ends where a rule that is refused stopped it."""
    if last is None:
        return None
    published = version_stamp().as_of
    until = last.as_of if segment.problem or published is None else max(last.as_of, published)
    days = members_by_day(segment, until=until, days=DAYS)
    return Trend(_chart(days) if len(days) > 1 else None, days[0].day if days else last.as_of)


def _chart(days: list[DayCount]) -> Chart:
    frame = Frame("segment-trend", _("近 30 天人数"), _note(days), Unit.COUNT, days[-1].day)
    return lines(frame, [f"{one.day:%m-%d}" for one in days], [Series(_("人数"), [one.members for one in days])])


def _note(days: list[DayCount]) -> str:
    """Say by which version of the rule the members were counted, and since when where it changed in between."""
    newest = days[-1].version_number
    since = next(one.day for one in days if one.version_number == newest)
    if since == days[0].day:
        return _("第 %(number)s 版口径") % {"number": newest}
    return _("%(day)s 起为第 %(number)s 版口径") % {"day": formats.day_text(since), "number": newest}
