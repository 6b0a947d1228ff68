"""What customers can be filtered by of what they are worth: scores, computed tags, and the tier of every scheme in force."""

from collections.abc import Iterator
from datetime import date

from huitou.apps.attributes.definitions import choices_of
from huitou.apps.attributes.queries import choice_attributes
from huitou.apps.base.clock import utc_now
from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import categories_named
from huitou.apps.value.groups import clusters_in_force
from huitou.apps.value.models import Direction, InferenceRule, ScenarioRule, TagDefinition, TopList
from huitou.apps.value.schemes import schemes_in_force
from huitou.apps.value.services.tags import INTEREST
from huitou.core.consent import CHANNEL_LABELS
from huitou.core.filters.catalogue import Choice, Field, FieldType, Rows
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.core.periods import business_date
from huitou.core.value.demographics import AGE_BANDS, UNKNOWN, AgeBand, birth_months

VALUE = Label("价值", "Value")
HABITS = Label("消费习惯", "Habits")
DEMOGRAPHIC = Label("人口属性", "Demographics")
INFERRED = Label("推断的属性", "Inferred attributes")
INFERRED_PREFIX = "inferred_"  # of the fields that say what nobody stated
_UNKNOWN = Label("未知", "unknown")
_POINTS, _DAYS, _HOUR = Label("分", "points"), Label("天", "days"), Label("时", "o'clock")
_ORDERS = Label("单", "orders")
_DIRECTIONS = (
    Choice(Direction.UP.value, Label("上移", "moved up")),
    Choice(Direction.DOWN.value, Label("下移", "moved down")),
)


def _whole(
    name: str, zh: str, en: str, group: Label, *,
    lowest: int = 0, highest: int = 100, unit: Label | None = _POINTS, column: Column = Column.OFFERED,
) -> FieldEntry:  # fmt: skip
    field = Field(
        name,
        Label(zh, en),
        FieldType.INTEGER,
        orm_path=f"value__{name}",
        minimum=lowest,
        maximum=highest,
        unit=unit,
    )
    return FieldEntry(field, group, column)


def _fen(name: str, zh: str, en: str, group: Label, *, column: Column = Column.OFFERED, sortable: bool = False) -> FieldEntry:
    """sortable: has an index of its own; the list walks along it."""
    field = Field(name.removesuffix("_fen"), Label(zh, en), FieldType.FEN, orm_path=f"value__{name}")
    return FieldEntry(field, group, column, sortable=sortable)


def _forecast(end: str, zh: str, en: str) -> FieldEntry:
    """One end of the interval that four of five customers end inside; in whole orders, since that is what was calibrated."""
    field = Field(
        f"forecast_{end}", Label(zh, en), FieldType.INTEGER, orm_path=f"forecast__{end}", minimum=0, maximum=10**6, unit=_ORDERS
    )
    return FieldEntry(field, VALUE, Column.OFFERED)


def _share(name: str, zh: str, en: str) -> FieldEntry:
    return FieldEntry(Field(name, Label(zh, en), FieldType.SHARE, orm_path=f"value__{name}"), HABITS, Column.OFFERED)


ENTRIES = (
    _whole("r", "RFM 的 R", "RFM: R", VALUE, lowest=1, highest=5),
    _whole("f", "RFM 的 F", "RFM: F", VALUE, lowest=1, highest=5),
    _whole("m", "RFM 的 M", "RFM: M", VALUE, lowest=1, highest=5),
    _whole("rfm_total", "RFM 总分", "RFM total", VALUE, lowest=3, highest=15, column=Column.DEFAULT),
    _fen("clv_12m_fen", "12 个月预测价值", "12-month predicted value", VALUE, column=Column.DEFAULT, sortable=True),
    _forecast("low", "预测单数下限", "Forecast orders: low end"),
    _forecast("high", "预测单数上限", "Forecast orders: high end"),
    _whole("spending_power", "消费力", "Spending power", VALUE),
    _whole("interaction_power", "互动力", "Interaction power", VALUE),
    _whole("potential_power", "潜在力", "Potential power", VALUE),
    _whole("mood_points", "情感评分（百分之一）", "Mood (hundredths)", VALUE, lowest=-100),
    _fen("average_ticket_fen", "客单价", "Average ticket", HABITS),
    _whole("cycle_days", "购买周期", "Purchase cycle", HABITS, highest=10_000, unit=_DAYS),
    _share("discount_share", "优惠商品占比", "Share of discounted lines"),
    _share("online_share", "线上订单占比", "Share of online orders"),
    _share("top_category_share", "首选品类占比", "Share of the top category"),
    FieldEntry(
        Field(
            "preferred_channel",
            Label("偏好渠道", "Preferred channel"),
            FieldType.ENUM,
            orm_path="value__preferred_channel",
            choices=tuple(Choice(code, label) for code, label in CHANNEL_LABELS.items()),
        ),
        HABITS,
        Column.OFFERED,
    ),
    _whole("preferred_hour", "最佳联系时段", "Best hour to contact", HABITS, highest=23, unit=_HOUR),
)


def tier_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """
    Yield the tier of every scheme in force, the day it last changed, and who moved since the end of last month; everybody who
    sees customers may ask.
    """
    for place, one in enumerate(schemes_in_force()):
        choices = tuple(Choice(tier.code, tier.label) for tier in one.scheme.tiers)
        tier = Field(f"tier_{one.code}", one.scheme.label, FieldType.ENUM, orm_path=f"value__{one.column}", choices=choices)
        since = Field(
            f"tier_{one.code}_since",
            Label(f"{one.scheme.label.zh}：变动日", f"{one.scheme.label.en}: changed on"),
            FieldType.DATE,
            orm_path=f"value__{one.column}_since",
        )
        yield FieldEntry(tier, VALUE, Column.DEFAULT if place == 0 else Column.OFFERED)
        moves = Rows("value.MonthMove", owner="person_id", where=(("scheme_id", one.scheme_id),))
        moved = Field(
            f"tier_{one.code}_moved",
            Label(f"{one.scheme.label.zh}：较上月末", f"{one.scheme.label.en}: since the end of last month"),
            FieldType.ENUM,
            orm_path="direction",
            rows=moves,
            choices=_DIRECTIONS,
        )
        left = Field(
            f"tier_{one.code}_left",
            Label(f"{one.scheme.label.zh}：上月末以来离开", f"{one.scheme.label.en}: left since the end of last month"),
            FieldType.ENUM,
            orm_path="from_code",
            rows=moves,
            choices=choices,
        )
        yield FieldEntry(since, VALUE, Column.OFFERED)
        yield FieldEntry(moved, VALUE)
        yield FieldEntry(left, VALUE)


def tag_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the scenarios in force, and the tags that people give, with the category of an interest."""
    for rule in ScenarioRule.objects.filter(slot__isnull=False).order_by("slot"):
        field = Field(
            f"scenario_{rule.code}",
            Label(f"场景：{rule.name}", f"Scenario: {rule.name}"),
            FieldType.FLAG,
            orm_path=f"value__scenario_{rule.slot}",
        )
        yield FieldEntry(field, HABITS, Column.OFFERED)
    given = [Choice(row.code, Label(row.name, row.name)) for row in TagDefinition.objects.order_by("pk")]
    tag = Field(
        "tag",
        Label("标签", "Tag"),
        FieldType.ENUM,
        orm_path="tag_code",
        rows=Rows("value.PersonTag", owner="person_id", where=(("is_current", True),)),
        choices=(Choice(INTEREST, Label("兴趣", "Interest")), *given),
    )
    interest = Field(
        "interest",
        Label("感兴趣的品类", "Interested in"),
        FieldType.REFERENCE,
        orm_path="category_id",
        rows=Rows("value.PersonTag", owner="person_id", where=(("tag_code", INTEREST), ("is_current", True))),
    )
    yield FieldEntry(tag, HABITS, Column.DEFAULT)
    yield FieldEntry(interest, HABITS, names=categories_named)


def top_list_field(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the frozen monthly lists, newest first, once there is one."""
    months = TopList.objects.order_by("-month").values_list("month", flat=True)[:24]
    choices = tuple(Choice(month, Label(month, month)) for month in months)
    if choices:
        field = Field(
            "top_list",
            Label("月度前 20 % 名单", "Monthly top 20 % list"),
            FieldType.ENUM,
            orm_path="top_list__month",
            rows=Rows("value.TopListMember", owner="person_id"),
            choices=choices,
        )
        yield FieldEntry(field, VALUE)


def cluster_field(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the group that behaves alike, once there are groups."""
    run = clusters_in_force()
    if run is not None:
        field = Field(
            "cluster",
            Label("自动分群", "Cluster"),
            FieldType.ENUM,
            orm_path="cluster__code",
            choices=tuple(Choice(f"g{one.number}", one.numbered_name()) for one in run.clusters),
        )
        yield FieldEntry(field, VALUE, Column.OFFERED)


def demographic_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield month of birth, the band of age on the day of the question, and gender; unknown is a choice of its own."""
    today = business_date(utc_now())
    place = "demographic__born_month"
    yield FieldEntry(Field("born_month", Label("出生年月", "Month of birth"), FieldType.DATE, orm_path=place), DEMOGRAPHIC)
    bands = [Choice(band.code, band.label, _born_in(band, today)) for band in AGE_BANDS]
    unknown = Choice(UNKNOWN, _UNKNOWN, Condition("born_month", Operator.MISSING))
    age = Field("age_band", Label("年龄段", "Age"), FieldType.ENUM, orm_path=place, nullable=False, choices=(*bands, unknown))
    yield FieldEntry(age, DEMOGRAPHIC, Column.OFFERED)
    genders = (Choice("F", Label("女", "female")), Choice("M", Label("男", "male")), Choice(UNKNOWN, _UNKNOWN))
    gender = Field("gender", Label("性别", "Gender"), FieldType.ENUM, orm_path="demographic__gender_code", choices=genders)
    yield FieldEntry(gender, DEMOGRAPHIC, Column.OFFERED)


def _born_in(band: AgeBand, today: date) -> Condition:
    first, last = birth_months(band, today)
    return Condition("born_month", Operator.BETWEEN, (first, last))


def inferred_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield a field per attribute whose inference is switched on; it says that it is inferred, and is never a column."""
    on = {rule.attribute_code: rule for rule in InferenceRule.objects.filter(is_on=True)}
    if not on:
        return
    for attribute in choice_attributes(today=business_date(utc_now())):
        rule = on.get(attribute.code)
        if rule is None:
            continue
        label = Label(f"推断：{attribute.title}", f"Inferred: {attribute.title_en or attribute.title}")
        field = Field(
            f"{INFERRED_PREFIX}{attribute.code}",
            label,
            FieldType.ENUM,
            orm_path="value_code",
            rows=Rows("value.InferredValue", owner="person_id", where=(("rule_id", rule.pk),)),
            choices=tuple(Choice(one.code, Label(one.title, one.title)) for one in choices_of(attribute)),
        )
        yield FieldEntry(field, INFERRED)
