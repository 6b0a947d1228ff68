"""The tag dictionary: every tag with its meaning, owner, refresh, coverage and accuracy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q

from huitou.apps.attributes.queries import attribute_views
from huitou.apps.customers.queries.facts import facts_coverage
from huitou.apps.value.gather import forecasts_published
from huitou.apps.value.groups import clusters_in_force
from huitou.apps.value.models import PersonDemographic, PersonTag, RunKind, ScenarioRule, TagDefinition, ValueRun
from huitou.apps.value.moods import model_in_force
from huitou.apps.value.queries.given import inference_lines
from huitou.apps.value.scenarios import scenario_categories
from huitou.apps.value.schemes import schemes_in_force
from huitou.apps.value.services.tags import INTEREST
from huitou.core.labels import Label
from huitou.core.periods import business_date
from huitou.core.value.clusters import FEATURES
from huitou.core.value.demographics import UNKNOWN
from huitou.core.value.tags import MOOD, TAGS, Dimension, Kind

_MARKETING = Label("总部营销", "head-office marketing")
_NIGHT = Label("每夜，购买后约一分钟", "nightly, and about a minute after a purchase")
_AT_ONCE = Label("随时", "at once")
_WITH_IMPORT = Label("随导入和事件", "with imports and events")


@dataclass(frozen=True, slots=True)
class TagLine:
    """
    One tag. condition: field, operator and value of the filter that finds who has it ("" where lists cannot ask it).

    covered of total: who has an answer; None before the first run. as_of: of the coverage. tested: has a backtest page.
    accuracy: of a model tested on held-back statements or texts, a share; rules have none, they are what they are defined to be.
    """

    code: str
    label: Label
    dimension: Dimension
    kind: Kind
    definition: Label
    owner: Label
    refresh: Label
    covered: int | None
    total: int | None
    as_of: date | None
    tested: bool
    condition: str
    accuracy: float | None = None
    baseline: float | None = None  # what guessing the commonest value hits


def tag_dictionary(*, now: datetime, names: Mapping[int, str]) -> list[TagLine]:
    """
    Return all tags: computed ones, a tier per scheme in force, scenarios, those that people give, those that files and
    interfaces bring. names: of users by id, for the owners.
    """
    run = ValueRun.objects.filter(kind_code=RunKind.FULL, ended_at__isnull=False).order_by("-pk").first()
    counts = {} if run is None else run.coverage
    total, as_of = (None, None) if run is None else (run.persons, run.as_of)
    facts = facts_coverage(tuple(tag.field for tag in TAGS if tag.column == "facts"))
    model = model_in_force()
    has_test = forecasts_published().exists()
    lines = [
        TagLine(
            tag.code,
            tag.label,
            tag.dimension,
            tag.kind,
            tag.definition,
            tag.owner,
            tag.refresh,
            facts.get(tag.field) if tag.column == "facts" else counts.get(tag.column),
            total,
            as_of,
            tag.kind is Kind.MODEL and has_test and tag.code != MOOD,
            "" if tag.field == "stage" else f"{tag.field}.present",
            model.accuracy if model is not None and tag.code == MOOD else None,
            model.baseline if model is not None and tag.code == MOOD else None,
        )
        for tag in TAGS
    ]
    for one in schemes_in_force():
        scheme = one.scheme
        words = "、".join(tier.label.zh for tier in scheme.tiers), ", ".join(tier.label.en for tier in scheme.tiers)
        definition = Label(f"等级：{words[0]}（方案第 {one.number} 版）", f"tiers: {words[1]} (version {one.number})")
        lines.append(
            TagLine(
                f"tier_{one.code}", scheme.label, Dimension.VALUE, Kind.RULE, definition, _MARKETING, _NIGHT,
                counts.get(one.column), total, as_of, False, f"tier_{one.code}.present",
            )
        )  # fmt: skip
    for rule in ScenarioRule.objects.filter(slot__isnull=False).order_by("slot"):
        lines.append(_scenario(rule, counts.get(f"scenario_{rule.slot}"), total, as_of))
    return [
        *lines, *_cluster(total), *_demographic(), *_given(total, names), *_imported(total, now=now, names=names),
        *_inferred(total, now=now, names=names),
    ]  # fmt: skip


def _scenario(rule: ScenarioRule, covered: int | None, total: int | None, as_of: date | None) -> TagLine:
    paths = rule.paths
    hours_zh = "" if rule.hours is None else f"，{min(rule.hours)} 至 {max(rule.hours)} 时"
    hours_en = "" if rule.hours is None else f", {min(rule.hours)} to {max(rule.hours)} o'clock"
    definition = Label(
        f"{rule.days} 天内买过 {rule.orders} 单含「{'、'.join(paths)}」的品类{hours_zh}（第 {rule.number} 版）",
        f"{rule.orders} purchases with a category of {', '.join(paths)} in {rule.days} days{hours_en} (version {rule.number})",
    )
    if not scenario_categories(paths):
        covered = None
        definition = Label(
            f"{definition.zh}；没有品类含这些词，所以没有答案",
            f"{definition.en}; no category holds these words, so there is no answer",
        )
    return TagLine(
        f"scenario_{rule.code}", Label(rule.name, rule.name), Dimension.CONSUMPTION, Kind.RULE, definition, _MARKETING, _NIGHT,
        covered, total, as_of, False, f"scenario_{rule.code}.eq.1",
    )  # fmt: skip


def _cluster(total: int | None) -> list[TagLine]:
    """Return the group that behaves alike, once there are groups; a grouping has no accuracy, its silhouette says how apart."""
    grouping = clusters_in_force()
    if grouping is None:
        return []
    run, features = grouping.run, [feature.label for feature in FEATURES]
    apart = run.silhouettes[str(run.k)]
    return [
        TagLine(
            "cluster", Label("自动分群", "Cluster"), Dimension.VALUE, Kind.MODEL,
            Label(
                f"按{'、'.join(one.zh for one in features)}把相近的客户分成 {run.k} 群，轮廓系数 {apart:.2f}",
                f"{run.k} groups alike in {', '.join(one.en for one in features)}; silhouette {apart:.2f}",
            ),
            _MARKETING, Label("每次全量计算后", "after every full run"), run.persons, total, run.as_of, False, "cluster.present",
        )
    ]  # fmt: skip


def _demographic() -> list[TagLine]:
    rows = PersonDemographic.objects.aggregate(
        persons=Count("pk"), born=Count("born_month"), gender=Count("pk", filter=~Q(gender_code=UNKNOWN))
    )
    night = Label("每夜", "nightly")
    return [
        TagLine(
            "age_band", Label("年龄段", "Age"), Dimension.DEMOGRAPHIC, Kind.RULE,
            Label("查询当天的周岁，按出生年月；不知道的是「未知」", "full years on the day of the question; else unknown"),
            _MARKETING, night, rows["born"], rows["persons"], None, False, "age_band.ne.unknown",
        ),
        TagLine(
            "gender", Label("性别", "Gender"), Dimension.DEMOGRAPHIC, Kind.RULE,
            Label("档案里的性别；没有的是「未知」", "as in the file; else unknown"),
            _MARKETING, night, rows["gender"], rows["persons"], None, False, "gender.ne.unknown",
        ),
    ]  # fmt: skip


def _given(total: int | None, names: Mapping[int, str]) -> list[TagLine]:
    current = PersonTag.objects.filter(is_current=True)
    counts = dict(current.values_list("tag_code").annotate(count=Count("person_id", distinct=True)).order_by())
    interest = TagLine(
        INTEREST,
        Label("兴趣", "Interest"),
        Dimension.CONSUMPTION,
        Kind.MANUAL,
        Label("导购或客服记下的兴趣，对应到品类，写明谁在何时记", "what staff noted, linked to a category, with who and when"),
        Label("门店与客服", "stores and service"),
        _AT_ONCE,
        counts.get(INTEREST, 0),
        total,
        None,
        False,
        f"tag.eq.{INTEREST}",
    )
    made = [
        TagLine(
            row.code, Label(row.name, row.name), Dimension(row.dimension_code), Kind(row.kind_code),
            Label(row.definition, row.definition), _owner(row.owner_id, names), _AT_ONCE,
            counts.get(row.code, 0), total, None, False,
            f"tag.eq.{row.code}",
        )
        for row in TagDefinition.objects.order_by("pk")
    ]  # fmt: skip
    return [interest, *made]


def _imported(total: int | None, *, now: datetime, names: Mapping[int, str]) -> list[TagLine]:
    """Return the custom attributes that lists may ask today: their values come with files and events, and go with them."""
    return [
        TagLine(
            f"attribute_{view.one.code}",
            Label(view.one.title, view.one.title_en or view.one.title),
            Dimension.DEMOGRAPHIC,
            Kind.IMPORTED,
            Label(
                f"文件或接口送来的「{view.one.title}」，最新一次观察为准",
                f"“{view.one.title_en or view.one.title}” as files or interfaces sent it; the newest observation counts",
            ),
            _owner(view.one.created_by, names),
            _WITH_IMPORT,
            view.persons,
            total,
            None,
            False,
            f"attribute_{view.one.code}.present",
        )
        for view in attribute_views(now=now)
        if view.is_usable
    ]


def _inferred(total: int | None, *, now: datetime, names: Mapping[int, str]) -> list[TagLine]:
    """Return what is inferred of attributes that are switched on."""
    return [
        TagLine(
            f"inferred_{line.code}", Label(f"推断：{line.title}", f"Inferred: {line.title}"), Dimension.DEMOGRAPHIC, Kind.MODEL,
            Label(
                f"没有说过「{line.title}」的人，按购买习惯推断；把握不到 {rule.least_confidence:.0%} 的不留",
                f"“{line.title}” of who did not state it, from how they shop; kept from {rule.least_confidence:.0%} on",
            ),
            _owner(rule.switched_by, names), Label("每夜", "nightly"), rule.persons, total,
            None if rule.computed_at is None else business_date(rule.computed_at), False, f"inferred_{line.code}.present",
            rule.accuracy, rule.baseline,
        )
        for line in inference_lines(today=business_date(now))
        if (rule := line.rule) is not None and rule.is_on
    ]  # fmt: skip


def _owner(user_id: int | None, names: Mapping[int, str]) -> Label:
    name = names.get(user_id or 0, "")
    return Label(name, name) if name else _MARKETING
