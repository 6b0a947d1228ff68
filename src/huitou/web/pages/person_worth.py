"""What the person page says of a person's worth: tiers with their reasons and gaps, scores, tags."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import PersonFacts
from huitou.apps.products.queries import category_names
from huitou.apps.value.custom_inputs import inputs_of_schemes
from huitou.apps.value.gather import WINDOW
from huitou.apps.value.models import PersonDemographic, PersonValue, ScenarioRule
from huitou.apps.value.queries import (
    GivenTag,
    PersonChannel,
    PersonTier,
    PersonWorth,
    given_tag_names,
    given_tags,
    inferred_tags,
    mood_texts,
    person_channel,
    person_demographic,
    person_value,
    tags_on_offer,
)
from huitou.core.periods import business_date
from huitou.core.value.demographics import age_on
from huitou.core.value.inputs import Input, InputUnit
from huitou.core.value.scheme import Recut
from huitou.core.value.upgrade import Gap
from huitou.web import formats, words, words_person
from huitou.web.lazy import LazyText
from huitou.web.pages.designer_form import input_text
from huitou.web.policy import may_open
from huitou.web.why import Why, WhyFact

MAIN_SCHEME = "pyramid"
NO_LADDERS = frozenset({"lifecycle"})  # their order ranks nothing to strive for: nobody is told what is missing for dormancy
RFM_LEAST = 1


@dataclass(frozen=True, slots=True)
class Climb:
    """
    The way to the next better tier in the one measure that is missing, as the tile draws it.

    tier: its name. missing: how much more, threshold: what it takes of the measure, all as text. share: of the threshold
    reached, 0..1.
    """

    tier: str
    missing: str
    threshold: str
    measure: str
    share: float


@dataclass(frozen=True, slots=True)
class TierLine:
    """
    One scheme: the tier (None: in none), since when, what is missing for the next, and why.

    climb: None in the best tier, in none, and where more than one measure is missing or no amount says it.
    """

    scheme: str
    scheme_code: str
    code: str
    tier: str | None
    since: date | None
    gap: str
    climb: Climb | None
    is_monthly: bool
    service: str
    is_top: bool
    why: Why


@dataclass(frozen=True, slots=True)
class TagChip:
    """
    One tag of the person; remove_id: a given tag that may be taken away. is_named: its text is a stored name.

    is_contact: it says how the person is best reached, which nobody needs of a child.
    """

    text: str
    title: str
    remove_id: int | None = None
    is_named: bool = False
    is_contact: bool = False


def worth_context(viewer: Viewer, person_id: int) -> dict[str, Any]:
    """Return what `person/value.html`, `person/band.html` and `person/tags.html` need; `worth` None before the first run."""
    worth = person_value(viewer, person_id)
    may_note = may_open("tags:interest", viewer.role_code)
    today = business_date(utc_now())
    given = {
        "may_note": may_note,
        "inferred": [
            (tag, f"{tag.confidence * 100:.0f} %", _("按购买习惯推断，%(day)s；不是本人说的") % {"day": formats.day_text(tag.on)})
            for tag in inferred_tags(viewer, person_id, today=today)
        ],
        "tags_on_offer": tags_on_offer() if may_open("tags:on", viewer.role_code) else [],
    }
    chips = [*_about(person_demographic(viewer, person_id), today), *_given(given_tags(viewer, person_id))]
    if worth is None:
        return {"worth": None, "channel": None, "worth_tiers": [], "main_tier": None, "worth_tags": chips, **given}
    said = list(_said(viewer, person_id)) if any("mood" in tier.inputs for tier in worth.tiers) else []
    known = inputs_of_schemes(tier.in_force.scheme for tier in worth.tiers)
    lines = [_line(worth, tier, said, known) for tier in worth.tiers]
    channel = person_channel(viewer, worth)
    return {
        "worth": worth,
        "channel": channel,
        "channel_basis": _channel_basis(channel, worth.row),
        "worth_tiers": lines,
        "main_tier": next((line for line in lines if line.scheme_code == MAIN_SCHEME), None),
        "worth_tags": list(_tags(worth.row)) + chips,
        "worth_moves": [(step.scheme.scheme.label, step.from_tier, step.to_tier, step.on) for step in worth.changes],
        **given,
    }


def rfm_lines(worth: PersonWorth | None, facts: PersonFacts | None, today: date) -> list[tuple[str, int | None, LazyText, str]]:
    """Return letter, score 1..5 (None: not scored), what it measures, and the measured value, of R, F and M."""
    row = worth.row if worth is not None and worth.row.rfm_total else None
    last = formats.days_ago_text(facts.last_date, today=today) if facts and facts.last_date else "—"
    orders = (
        "—"
        if facts is None
        else ngettext("%(orders)s 单", "%(orders)s 单", facts.orders_365d) % {"orders": formats.count_text(facts.orders_365d)}
    )
    return [
        ("R", row.r if row else None, _("最近购买"), last),
        ("F", row.f if row else None, _("订单"), orders),
        ("M", row.m if row else None, _("净消费"), formats.money_text(facts.net_365d_fen if facts else None)),
    ]


def rfm_why(worth: PersonWorth | None, lines: Sequence[tuple[str, int | None, LazyText, str]]) -> Why | None:
    """Return why the scores are what they are; None for somebody without scores."""
    if worth is None or worth.row.rfm_total is None or worth.rfm_cuts is None:
        return None
    cuts = worth.rfm_cuts
    bounds = {"R": cuts.recency_days, "F": cuts.orders, "M": cuts.net_fen}
    facts = []
    for letter, score, name, value in lines:
        said = {"letter": letter, "name": name, "score": formats.MISSING if score is None else score}
        facts.append(WhyFact(_("%(letter)s %(name)s：%(score)s 分") % said, value, _cut_text(letter, score, bounds[letter])))
    facts.append(WhyFact(_("合计"), str(worth.row.rfm_total), _("三项相加，3 至 15 分")))
    sentence = _("每一项把买过的客户排成五段，最好的一段 5 分，同值同分；这一位合计 %(total)s 分。")
    rule = _("RFM 五段评分，近 365 天，退货已减")
    return Why(sentence % {"total": worth.row.rfm_total}, facts, rule, worth.run.as_of, worth.run.ended_at)


def _cut_text(letter: str, score: int | None, bounds: Sequence[int | None]) -> LazyText:
    """Say what a score takes: the worst value that still earns it; of the least score, what the next one takes."""
    if score is not None and score > RFM_LEAST and (bound := bounds[score - RFM_LEAST - 1]) is not None:
        return _("%(score)s 分要：%(bound)s") % {"score": score, "bound": _bound_text(letter, bound)}
    better = next((bound for bound in bounds if bound is not None), None)
    if score != RFM_LEAST or better is None:
        return formats.MISSING
    return _("高一段要：%(bound)s") % {"bound": _bound_text(letter, better)}


def _bound_text(letter: str, bound: int) -> str:
    if letter == "R":
        return ngettext("最近一单在 %(days)s 天内", "最近一单在 %(days)s 天内", bound) % {"days": bound}
    if letter == "F":
        return ngettext("%(orders)s 单起", "%(orders)s 单起", bound) % {"orders": formats.count_text(bound)}
    return _("%(money)s 起") % {"money": formats.money_text(bound)}


def _line(worth: PersonWorth, tier: PersonTier, said: Sequence[WhyFact], known: Mapping[str, Input]) -> TierLine:
    one, language = tier.in_force, _language()
    label = one.scheme.label.text(language)
    name = None if tier.tier is None else tier.tier.label.text(language)
    if tier.tier is None:
        sentence = _("不参加「%(scheme)s」：缺少它要的依据。") % {"scheme": label}
    else:
        sentence = _("「%(scheme)s」里是%(tier)s：%(goal)s。") % {
            "scheme": label,
            "tier": name,
            "goal": tier.tier.goal.text(language),
        }
        sentence = _("%(sentence)s升级条件：%(upgrade)s。") % {"sentence": sentence, "upgrade": tier.tier.upgrade.text(language)}
        if tier.tier.cost_fen is not None:
            money = formats.money_text(tier.tier.cost_fen)
            sentence = _("%(sentence)s成本上限：每人每月 %(money)s。") % {"sentence": sentence, "money": money}
    facts = [
        WhyFact(known[key].label.text(language), input_text(known[key].unit, value), _source(known[key], worth))
        for key, value in tier.inputs.items()
    ]
    if "mood" in tier.inputs:
        facts += said
    rule = _("%(scheme)s，第 %(number)s 版") % {"scheme": label, "number": one.number}
    return TierLine(
        scheme=label,
        scheme_code=one.code,
        code="" if tier.tier is None else tier.tier.code,
        tier=name,
        since=tier.since,
        gap=gap_text(tier, worth, known),
        climb=climb_of(tier, worth, known),
        is_monthly=one.scheme.recut is Recut.MONTHLY,
        service="" if tier.tier is None else tier.tier.service.text(language),
        is_top=tier.tier is not None and tier.tier.code == one.scheme.tiers[0].code,
        why=Why(sentence, facts, rule, worth.run.as_of, worth.run.ended_at),
    )


def gap_text(tier: PersonTier, worth: PersonWorth, known: Mapping[str, Input]) -> str:
    """Say what is missing for the next better tier: "再消费 ¥320 到核心"; empty in the best tier and where nothing says it."""
    gap = tier.gap
    if gap is None or tier.in_force.code in NO_LADDERS:
        return ""
    target = next(one.label.text(_language()) for one in tier.in_force.scheme.tiers if one.code == gap.code)
    parts = _missing(gap, worth, known)
    return _("%(missing)s到%(tier)s") % {"missing": _("、").join(parts), "tier": target} if parts else ""


def climb_of(tier: PersonTier, worth: PersonWorth, known: Mapping[str, Input]) -> Climb | None:
    """Return how far the person is from the next better tier, where one measure says it."""
    gap = tier.gap
    if gap is None or tier.in_force.code in NO_LADDERS:
        return None
    target = next(one.label.text(_language()) for one in tier.in_force.scheme.tiers if one.code == gap.code)
    if gap.by_revenue_fen is not None:
        reached, lack = float(worth.row.net_365d_fen or 0), float(gap.by_revenue_fen)
        unit, measure = InputUnit.FEN, _("近 12 月净消费")
    elif len(gap.lacks) == 1 and (name := next(iter(gap.lacks))) in tier.inputs:
        reached, lack = tier.inputs[name], gap.lacks[name]
        unit, measure = known[name].unit, _called(known[name])
    else:
        return None
    needed = reached + lack
    if unit is InputUnit.FEN:
        missing, threshold = _more(lack), formats.money_text(round(needed))
    else:
        missing = input_text(unit, lack if unit is InputUnit.EXACT else math.ceil(lack))
        threshold = input_text(unit, needed)
    return Climb(target, missing, threshold, measure, min(max(reached / needed, 0.0), 1.0) if needed > 0 else 0.0)


def _missing(gap: Gap, worth: PersonWorth, known: Mapping[str, Input]) -> list[str]:
    if gap.by_revenue_fen is not None:
        return [_("再消费 %(money)s ") % {"money": _more(gap.by_revenue_fen)}]
    parts = []
    for name, lack in gap.lacks.items():
        if name == "score":
            parts.append(_("综合分还差 %(points)s ") % {"points": f"{math.ceil(lack * 10) / 10:g}"})
        elif name == "net_365d_fen" or (name == "clv_12m_fen" and worth.run.rules.get("clv") == WINDOW):
            parts.append(_("再消费 %(money)s ") % {"money": _more(lack)})
        elif known[name].unit is InputUnit.FEN:
            parts.append(_("%(input)s还差 %(money)s ") % {"input": _called(known[name]), "money": _more(lack)})
        else:
            unit = known[name].unit
            number = input_text(unit, lack if unit is InputUnit.EXACT else math.ceil(lack))
            parts.append(_("%(input)s还差 %(number)s ") % {"input": _called(known[name]), "number": number})
    return parts


def _more(fen: float) -> str:
    """Write an amount that is surely enough: the next whole yuan above, so that a tie is passed, too."""
    return formats.money_text((int(fen) // 100 + 1) * 100)


def _source(asked: Input, worth: PersonWorth) -> LazyText:
    if asked.is_given:
        return _("外部提供")
    if asked.name == "mood":
        return _("评分与文字")
    if asked.name == "clv_12m_fen":
        return _("近 12 月净消费代替预测") if worth.run.rules.get("clv") == WINDOW else _("已发布的预测")
    return _("订单与行为")


def _said(viewer: Viewer, person_id: int) -> Iterator[WhyFact]:
    """Yield the newest texts that the mood rests on: when, the score, and the pieces that decided."""
    for text in mood_texts(viewer, person_id):
        kind = _("工单") if text.kind_code == "ticket" else _("评价与发言")
        pieces = _("、").join(text.pieces)
        reader = _("内置词表") if text.probability is None else _("模型，满意的概率 %(share)s") % {
            "share": formats.percent_text(text.probability, decimals=0)
        }  # fmt: skip
        yield WhyFact(
            _("%(day)s %(kind)s") % {"day": formats.day_text(text.on), "kind": kind},
            f"{formats.signed_number_text(text.score)} {pieces}".strip(),
            reader,
        )


def _tags(row: PersonValue) -> Iterator[TagChip]:
    """Yield the computed tags that have an answer."""
    said: tuple[tuple[str, object, str], ...] = (
        (_("客单价"), row.average_ticket_fen, formats.money_text(row.average_ticket_fen)),
        (
            _("购买周期"),
            row.cycle_days,
            ngettext("每 %(days)s 天", "每 %(days)s 天", row.cycle_days or 0) % {"days": row.cycle_days},
        ),
        (_("偏好渠道"), row.preferred_channel, str(words.word(words_person.CONSENT_CHANNELS, row.preferred_channel or ""))),
        (_("最佳联系时段"), row.preferred_hour, _("%(hour)s 时") % {"hour": row.preferred_hour}),
        (_("消费力"), row.spending_power, str(row.spending_power)),
        (_("互动力"), row.interaction_power, str(row.interaction_power)),
        (_("潜在力"), row.potential_power, str(row.potential_power)),
        (_("优惠商品占比"), row.discount_share, formats.percent_text(row.discount_share, decimals=0)),
    )
    contacts = (_("偏好渠道"), _("最佳联系时段"))
    for label, value, text in said:
        if value is not None:
            yield TagChip(f"{label} {text}", _("规则标签，按定义计算"), is_contact=label in contacts)
    if row.mood is not None:
        yield TagChip(
            _("情感评分 %(score)s") % {"score": formats.signed_number_text(row.mood)},
            _("模型标签：评分和文字，−1 不满至 +1 满意"),
        )
    for rule in ScenarioRule.objects.filter(slot__isnull=False).order_by("slot"):
        if getattr(row, f"scenario_{rule.slot}"):
            yield TagChip(
                rule.name, _("场景标签：%(days)s 天内 %(orders)s 单") % {"days": rule.days, "orders": rule.orders}, is_named=True
            )


def _channel_basis(channel: PersonChannel, row: PersonValue) -> LazyText:
    """Say which channel is preferred and what that rests on."""
    if channel.code is None:
        return _("还没有够多的触达记录，所以没有偏好渠道；触达由事件接口或触达记录文件带来。")
    name = words.word(words_person.CONSENT_CHANNELS, channel.code)
    if channel.is_own:
        return _("偏好%(channel)s：触达满 3 次的渠道里，平滑后的回应率最高。") % {"channel": name}
    stage = words.word(words_person.STAGES, row.stage or "")
    return _("本人没有触达满 3 次的渠道，取「%(stage)s」客户回应最多的%(channel)s。") % {"stage": stage, "channel": name}


def _about(known: PersonDemographic | None, today: date) -> Iterator[TagChip]:
    """Yield age and gender; both say so where they are not known."""
    if known is None:
        return
    age = age_on(known.born_month, today)
    text = _("年龄未知") if age is None else _("%(age)s 岁") % {"age": age}
    yield TagChip(text, _("按出生年月，今天的周岁"))
    gender = words_person.GENDERS.get(known.gender_code)
    yield TagChip(_("性别未知") if gender is None else str(gender), _("档案里的性别"))


def _given(tags: Sequence[GivenTag]) -> Iterator[TagChip]:
    names: Mapping[str, str] = given_tag_names() if tags else {}
    categories = category_names() if tags else {}
    for tag in tags:
        text = names.get(tag.code, "")
        if not text:
            category = categories.get(tag.category_id or 0, "")
            text = _("感兴趣：%(category)s") % {"category": category} if category else _("感兴趣（未对上品类）")
        title = _("人工标签，%(day)s") % {"day": formats.day_text(tag.on)}
        if tag.expires_on is not None:
            title = _("人工标签，%(day)s 至 %(last)s") % {
                "day": formats.day_text(tag.on),
                "last": formats.day_text(tag.expires_on),
            }
        yield TagChip(text, title, tag.tag_id, is_named=True)


def _called(asked: Input) -> str:
    return asked.label.text(_language())


def _language() -> str:
    return get_language() or "zh-hans"
