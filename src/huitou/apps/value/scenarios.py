"""Scenario rules: what baskets say a person shops for. Kept as rows; each in force fills one flag of PersonValue."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import QuerySet

from huitou.apps.base.audit import audit_record
from huitou.apps.base.jobs import plan_once
from huitou.apps.products.queries import category_table
from huitou.apps.value.models import SCENARIOS, ScenarioRule
from huitou.warehouse.queries.value_features import scenario_persons
from huitou.warehouse.reader import Reading
from huitou.warehouse.scope import CHAIN

CODE = re.compile(r"[a-z][a-z0-9_]{1,31}")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shipped:
    """A rule that an installation begins with; paths are parts of category names."""

    code: str
    name: str
    paths: tuple[str, ...]
    hours: tuple[int, ...] | None
    orders: int
    days: int


SHIPPED = (
    Shipped("breakfast", "早餐", ("早餐", "面包", "牛奶"), (5, 6, 7, 8, 9), 3, 90),
    Shipped("baby", "备孕母婴", ("婴", "孕"), None, 2, 180),
    Shipped("pet", "宠物", ("宠物",), None, 2, 180),
    Shipped("organic", "有机", ("有机",), None, 2, 180),
)


class ScenarioRefused(Exception):
    """A rule that cannot be kept; `reason` is a stored code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@transaction.atomic
def scenarios_ensure(*, now: datetime) -> None:
    """Put the shipped rules in force, once."""
    if ScenarioRule.objects.exists():
        return
    for slot, rule in enumerate(SHIPPED, start=1):
        ScenarioRule.objects.create(
            code=rule.code,
            name=rule.name,
            slot=slot,
            paths=list(rule.paths),
            hours=None if rule.hours is None else list(rule.hours),
            orders=rule.orders,
            days=rule.days,
            changed_at=now,
        )


def scenario_categories(paths: Collection[str]) -> list[int]:
    """Return the categories whose path holds one of the names; none when the chain sells nothing of the kind."""
    table = category_table()
    rows = zip(table.column("category_id").to_pylist(), table.column("path").to_pylist(), strict=True)
    return [category_id for category_id, path in rows if any(name in path for name in paths)]


def scenarios_gathered(
    reading: Reading, ids: npt.NDArray[np.int64], *, person_ids: Collection[int] | None = None
) -> dict[str, Floats]:
    """Return by column who is in each scenario in force (1 or 0); NaN for all where the chain has none of its categories."""
    columns = {}
    for rule in ScenarioRule.objects.filter(slot__isnull=False).order_by("slot"):
        category_ids = scenario_categories(rule.paths)
        flags = np.full(ids.size, 0.0 if category_ids else np.nan)
        if category_ids:
            found = scenario_persons(
                reading.cursor,
                scope=CHAIN,
                as_of=reading.as_of,
                category_ids=category_ids,
                orders=rule.orders,
                days=rule.days,
                hours=rule.hours,
                person_ids=person_ids,
            )
            flags[np.isin(ids, found, assume_unique=True)] = 1
        columns[f"scenario_{rule.slot}"] = flags
    return columns


@transaction.atomic
def scenario_save(
    *,
    code: str,
    name: str,
    paths: list[str],
    hours: list[int] | None,
    orders: int,
    days: int,
    author_id: int,
    now: datetime,
) -> ScenarioRule:
    """
    Keep a rule under its code; the next run computes it for everybody. Raises ScenarioRefused: "no_category" (the chain has
    no such category), "bad_numbers", "no_name" (no name, or a code that is none), "no_slot".
    """
    if not name.strip() or not CODE.fullmatch(code):
        raise ScenarioRefused("no_name")
    if not 1 <= orders <= 100 or not 1 <= days <= 730 or not all(0 <= hour <= 23 for hour in hours or ()):
        raise ScenarioRefused("bad_numbers")
    if not paths or not scenario_categories(paths):
        raise ScenarioRefused("no_category")
    rule = ScenarioRule.objects.select_for_update().filter(code=code).first() or ScenarioRule(code=code, number=0)
    rule.slot = rule.slot or _free_slot()
    rule.name, rule.paths, rule.hours, rule.orders, rule.days = name.strip()[:64], paths, hours, orders, days
    rule.number, rule.author_id, rule.changed_at = rule.number + 1, author_id, now
    rule.save()
    _settle(rule, author_id, now)
    return rule


@transaction.atomic
def scenario_off(*, code: str, author_id: int, now: datetime) -> None:
    """Take a rule out of force until it is saved again; the next run empties its flags. Raises ScenarioRefused("unknown")."""
    rule = ScenarioRule.objects.select_for_update().filter(code=code).first()
    if rule is None:
        raise ScenarioRefused("unknown")
    rule.slot, rule.author_id, rule.changed_at = None, author_id, now
    rule.save(update_fields=["slot", "author_id", "changed_at"])
    _settle(rule, author_id, now)


def scenario_rules() -> QuerySet[ScenarioRule]:
    """Return all rules in the order they were made, switched off ones too."""
    return ScenarioRule.objects.order_by("pk")


def _free_slot() -> int:
    taken = set(ScenarioRule.objects.values_list("slot", flat=True))
    slot = next((number for number in range(1, SCENARIOS + 1) if number not in taken), None)
    if slot is None:
        raise ScenarioRefused("no_slot")
    return slot


def _settle(rule: ScenarioRule, author_id: int, now: datetime) -> None:
    audit_record(
        action_code="scenario.saved", subject_kind="scenario", subject_id=rule.code, now=now, user_id=author_id,
        number=rule.number, is_on=rule.slot is not None,
    )  # fmt: skip
    plan_once("value.run", now=now)
