"""What customers can be filtered by of their relations."""

from collections.abc import Iterator

from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.relations.queries import group_names
from huitou.apps.value.schemes import schemes_in_force
from huitou.core.filters.catalogue import Choice, Field, FieldType, Rows
from huitou.core.labels import Label

RELATIONS = Label("关系", "Relations")
_PEOPLE = Label("人", "people")
_HOUSEHOLD = Rows("relations.HouseholdTie", "person_id", (("valid_to__isnull", True),))
_REFERRAL = Rows("relations.Referral", "person_id", (("is_current", True),))
_MEMBERSHIP = Rows("relations.GroupStep", "person_id", (("is_join", True), ("left_at__isnull", True)))


def _count(name: str, zh: str, en: str, *, lowest: int) -> FieldEntry:
    field = Field(name, Label(zh, en), FieldType.INTEGER, orm_path=f"relations__{name}", minimum=lowest, unit=_PEOPLE)
    return FieldEntry(field, RELATIONS, Column.OFFERED)


ENTRIES = (
    _count("household_size", "家庭人数（已知）", "Household size (known)", lowest=2),
    _count("referred_count", "推荐来的人数", "People referred", lowest=1),
)


def relation_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """
    Yield the groups that somebody is in, and what the others of a household and the referrer are like.

    The latter only for those who see the whole chain: for anybody else they would tell of persons out of reach.
    """
    if group_names():
        field = Field("group", Label("社群", "Group"), FieldType.REFERENCE, orm_path="group_id", rows=_MEMBERSHIP)
        yield FieldEntry(field, RELATIONS, names=lambda _viewer: group_names())
    if viewer.store_ids is not None:
        return
    yield from _purchases_of_household()
    for one in schemes_in_force():
        choices = tuple(Choice(tier.code, tier.label) for tier in one.scheme.tiers)
        for name, title, rows, other in (
            ("referrer", Label("推荐人", "Referrer"), _REFERRAL, "referrer"),
            ("household", Label("家庭成员", "Household member"), _HOUSEHOLD, "other"),
        ):
            label = Label(f"{title.zh}：{one.scheme.label.zh}", f"{title.en}: {one.scheme.label.en}")
            field = Field(
                f"{name}_tier_{one.code}",
                label,
                FieldType.ENUM,
                orm_path=f"{other}__value__{one.column}",
                choices=choices,
                rows=rows,
            )
            yield FieldEntry(field, RELATIONS)


def _purchases_of_household() -> Iterator[FieldEntry]:
    for name, label, type, column in (
        ("days_since_purchase", Label("家庭成员：最近购买", "Household member: last purchase"), FieldType.DAYS_AGO, "last_date"),
        ("net_365d", Label("家庭成员：近 365 天消费", "Household member: spent in 365 days"), FieldType.FEN, "net_365d_fen"),
    ):
        field = Field(f"household_{name}", label, type, orm_path=f"other__facts__{column}", rows=_HOUSEHOLD)
        yield FieldEntry(field, RELATIONS)
