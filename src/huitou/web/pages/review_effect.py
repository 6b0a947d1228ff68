"""What a merge of the two files of a question would do, and on which days each of them bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.customers.queries.facts import published_facts
from huitou.apps.identity.review_queue import ReviewCase
from huitou.apps.privacy.consent import consent_file
from huitou.apps.service.queries import tickets_of
from huitou.apps.value.queries import standing_of
from huitou.core.consent import Answer
from huitou.core.periods import business_date
from huitou.warehouse.queries.purchase_days import days_of_person
from huitou.warehouse.reader import NothingPublished
from huitou.web.formats import count_text, day_text
from huitou.web.lazy import LazyText

STRIP_DAYS = 365


@dataclass(frozen=True, slots=True)
class Consequence:
    """One line of what a merge would do."""

    label: LazyText
    text: LazyText


def consequences(viewer: Viewer, case: ReviewCase) -> list[Consequence]:
    """Say what a merge would do, from what is published about the two."""
    one, other = case.sides
    facts = [published_facts(viewer, side.person_id) for side in case.sides]
    points, orders = ([getattr(found, name) if found else 0 for found in facts] for name in ("points_balance", "orders_count"))
    tickets = [len(tickets_of(viewer, side.person_id)) for side in case.sides]
    gone = other.person_id if case.kept_id == one.person_id else one.person_id
    return [
        Consequence(_("保留档案"), _("编号 {kept}，编号 {gone} 并入").format(kept=case.kept_id, gone=gone)),
        Consequence(_("源记录"), _sum([len(side.record_ids) for side in case.sides])),
        *_tier_kept(viewer, case),
        Consequence(_("订单"), _sum(orders)),
        Consequence(_("可用积分"), _sum(points)),
        Consequence(_("工单"), _sum(tickets)),
        *_refusals(viewer, case),
    ]


def _tier_kept(viewer: Viewer, case: ReviewCase) -> list[Consequence]:
    """Say the tiers of the two in the first scheme; which one holds is the next run's word."""
    first = [next(iter(standing_of(viewer, side.person_id)), None) for side in case.sides]
    language = get_language() or "zh-hans"
    labels = [one.tier.label.text(language) if one and one.tier else str(_("未定级")) for one in first]
    if not any(first):
        return []
    return [Consequence(_("等级"), _("{one} 与 {other}，合并后重算").format(one=labels[0], other=labels[1]))]


def _refusals(viewer: Viewer, case: ReviewCase) -> list[Consequence]:
    """Say which refusals one of the two brings along: a refusal always does."""
    files = [consent_file(viewer, side.person_id).current for side in case.sides]
    refused = [{cell for cell, entry in file.items() if entry.answer is Answer.WITHDRAWN} for file in files]
    fresh = len(refused[0] ^ refused[1])
    text = _("{number} 项拒绝带到合并后的档案").format(number=fresh) if fresh else _("不变")
    return [Consequence(_("同意"), text)] if any(files) else []


def _sum(parts: Sequence[int]) -> str:
    return f"{' + '.join(count_text(part) for part in parts)} = {count_text(sum(parts))}"


@dataclass(frozen=True, slots=True)
class DayStrip:
    """The days on which one of the two bought, in the last STRIP_DAYS; places: percent from the first day to the last."""

    name: str
    places: list[float]
    said: str


def purchase_strips(viewer: Viewer, case: ReviewCase, *, now: datetime) -> list[DayStrip]:
    """Return a strip for each of the two; none where neither bought, and before the first build."""
    first = business_date(now) - timedelta(days=STRIP_DAYS)
    try:
        with warehouse().read() as reading:
            days = [
                days_of_person(reading.cursor, scope=viewer.scope(), person_id=side.person_id, since=first) for side in case.sides
            ]
    except NothingPublished:
        return []
    return [_strip(name, found, first) for name, found in zip("AB", days, strict=True)] if any(days) else []


def strip_axis(now: datetime) -> list[tuple[str, float]]:
    """Return the first day of every third month of the strips with its place, percent as in `DayStrip`."""
    first = business_date(now) - timedelta(days=STRIP_DAYS)
    months = [first.year * 12 + first.month + step for step in range(0, 12, 3)]  # counted from 0: the months behind the first day
    days = [date(month // 12, month % 12 + 1, 1) for month in months]
    return [(_("{month} 月").format(month=day.month), (day - first).days / STRIP_DAYS * 100) for day in days]


def _strip(name: str, days: Sequence[date], first: date) -> DayStrip:
    places = [(day - first).days / STRIP_DAYS * 100 for day in days]
    said = _("{number} 个购买日").format(number=len(days))
    if days:
        said = _("{said}，最近 {day}").format(said=said, day=day_text(days[-1]))
    return DayStrip(name, places, said)
