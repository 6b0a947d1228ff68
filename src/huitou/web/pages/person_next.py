"""What to do next for one person: steps that follow from the file by plain rules, the most urgent first, each with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huitou.apps.privacy.consent import ConsentFile
from huitou.apps.service.queries import TicketRow
from huitou.apps.value.models import PersonForecast
from huitou.core.consent import Answer
from huitou.web import formats, words, words_person
from huitou.web.lazy import LazyText

STEPS_SHOWN = 3
OPEN_TICKETS = ("open", "pending", "reopened")
LAPSE_RISK = 0.5  # from here on a customer is more likely to stay away 90 days than not
SOON_DAYS = 14


@dataclass(frozen=True, slots=True)
class About:
    """What the rules look at. days_to_dormant: None when that is not near. gap: what is missing for the next tier, in words."""

    today: date
    tickets: Sequence[TicketRow]
    consents: ConsentFile
    forecast: PersonForecast | None
    days_to_dormant: int | None
    gap: str
    missing: Sequence[LazyText]
    may_consent: bool
    is_barred: bool  # stays out of marketing whatever was answered: nothing is proposed that reaches out
    needs_guardian: bool = False  # a child for whom no guardian has agreed


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do and why. href: where it is done, "" when not in this program; action: what the link says."""

    title: str
    reason: str
    href: str = ""
    action: str = ""


def next_steps(about: About) -> list[Step]:
    """Return at most STEPS_SHOWN steps, in the order of RULES; empty when no rule applies."""
    found = (rule(about) for rule in (SERVICE_RULES if about.is_barred else RULES))
    return [step for step in found if step is not None][:STEPS_SHOWN]


def _guardian(about: About) -> Step | None:
    if not about.needs_guardian:
        return None
    reason = _("未满 14 岁，建档要监护人同意；营销和个性化推荐一律不做")
    href, action = ("#consent-new", _("登记监护人的答复")) if about.may_consent else ("", "")
    return Step(_("先问监护人是否同意建档"), reason, href, action)


def _tickets(about: About) -> Step | None:
    waiting = [ticket for ticket in about.tickets if ticket.status_code in OPEN_TICKETS]
    if not waiting:
        return None
    first = min(waiting, key=lambda ticket: ticket.opened_at)
    kind = words.word(words_person.TICKET_TYPES, first.type_code)
    title = ngettext("先处理 %(number)s 张工单，再谈别的", "先处理 %(number)s 张工单，再谈别的", len(waiting)) % {
        "number": len(waiting)
    }
    reason = _("最早的一张：%(kind)s，%(day)s") % {"kind": kind, "day": formats.day_text(first.opened_at)}
    return Step(title, reason)


def _dormant(about: About) -> Step | None:
    if about.days_to_dormant is None:
        return None
    reason = ngettext("再过 %(days)s 天没有购买就进入沉睡", "再过 %(days)s 天没有购买就进入沉睡", about.days_to_dormant) % {
        "days": about.days_to_dormant
    }
    return Step(_("联系一次"), _with_channels(reason, about.consents))


def _lapse(about: About) -> Step | None:
    row = about.forecast
    if row is None or row.lapses_90d is None or row.lapses_90d < LAPSE_RISK or about.days_to_dormant is not None:
        return None
    reason = _("90 天内不买的可能 %(share)s") % {"share": formats.percent_text(row.lapses_90d, decimals=0)}
    return Step(_("问候一次，别等下次到店"), _with_channels(reason, about.consents))


def _soon(about: About) -> Step | None:
    row = about.forecast
    if row is None or row.next_date is None or not 0 <= (row.next_date - about.today).days <= SOON_DAYS:
        return None
    title = _("预计 %(day)s 前后会来") % {"day": formats.day_text(row.next_date)}
    cycle = "" if row.cycle_days is None else _("通常每 %(days)s 天买一次") % {"days": f"{row.cycle_days:.0f}"}
    return Step(title, cycle or _("按同类客户的节奏"))


def _gap(about: About) -> Step | None:
    return Step(_("告诉本人离下一等级差多少"), about.gap) if about.gap else None


def _consent(about: About) -> Step | None:
    asked = {cell for cell in about.consents.current if cell[1] == "marketing"}
    if asked or not about.may_consent:
        return None
    return Step(_("下次见面时问营销同意"), _("四个渠道都没有问过，没问过不等于同意"), "#consent-new", _("登记同意"))


def _file(about: About) -> Step | None:
    if not about.missing:
        return None
    return Step(_("补齐资料"), _("还缺：%(fields)s") % {"fields": _("、").join(str(name) for name in about.missing)})


RULES: tuple[Callable[[About], Step | None], ...] = (_tickets, _dormant, _lapse, _soon, _gap, _consent, _file)
SERVICE_RULES = (_guardian, _tickets, _file)


def _with_channels(reason: str, consents: ConsentFile) -> str:
    """Add by which channels marketing is agreed; without any, that it is not, so that only service contact remains."""
    agreed = [
        str(words.word(words_person.CONSENT_CHANNELS, channel))
        for (channel, purpose), entry in consents.current.items()
        if purpose == "marketing" and entry.answer is Answer.GRANTED
    ]
    if not agreed:
        return _("%(reason)s；没有渠道同意营销，只能以服务名义联系") % {"reason": reason}
    return _("%(reason)s；营销可用：%(channels)s") % {"reason": reason, "channels": _("、").join(agreed)}
