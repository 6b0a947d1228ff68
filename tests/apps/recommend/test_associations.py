"""Stored association rules: once per base and thresholds, a refusal keeps the last good ones, names and shares as counted."""

import numpy as np
import pytest
from tests.apps.builds.conftest import NOW

from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.builds.services import cycle_run
from huitou.apps.products.models import Category, Product
from huitou.apps.recommend.models import AssociationLevel, AssociationRule, AssociationRun
from huitou.apps.recommend.rules import newest_search, rules_in_force, thresholds_in_force
from huitou.apps.recommend.services import associations as services
from huitou.apps.recommend.services import associations_run, thresholds_save
from huitou.core.value import associations as core
from huitou.core.value.associations import DEFAULTS, Thresholds
from huitou.warehouse.queries.bought_items import Bought

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def stocked(tills, monkeypatch):
    """1,000 baskets: bread is in 250, milk in 200 and always beside bread; every other product is alone; one is unnamed."""
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    fresh = Category.objects.create(path="生鲜", name="生鲜", level=1)
    milk = Category.objects.create(path="生鲜/奶", name="奶", level=2, parent=fresh)
    bread = Category.objects.create(path="烘焙", name="烘焙", level=1)
    products = [*Product.objects.order_by("pk").values_list("pk", flat=True)]
    Product.objects.filter(pk__in=products[:-1]).update(is_placeholder=False)
    Product.objects.filter(pk=products[0]).update(category=bread, name="吐司")
    Product.objects.filter(pk=products[1]).update(category=milk, name="鲜奶")
    Product.objects.filter(pk=products[-1]).update(is_placeholder=True)
    baskets = np.arange(1_000)
    alone = np.full(750, products[2])
    rows = [(baskets[:250], products[0]), (baskets[:200], products[1]), (baskets[:999], products[-1])]
    orders = np.concatenate([part for part, _ in rows] + [baskets[250:]])
    items = np.concatenate([np.full(part.size, product) for part, product in rows] + [alone])
    monkeypatch.setattr(services, "baskets", lambda *_, **__: Bought(orders, items, np.zeros(orders.size, dtype=np.int64)))
    return products


@pytest.mark.accept("S201")
def test_rules_are_found_once_per_base_and_named(stocked):
    made = associations_run(now=NOW)
    assert [(run.level_code, run.refusal, run.baskets) for run in made] == [(level, "", 1_000) for level in AssociationLevel]
    assert associations_run(now=NOW) == []
    found = rules_in_force(AssociationLevel.PRODUCT)
    lines = {(*line.left, line.right): line for line in found.lines}
    bread, milk = (f"{product.name} {product.code}" for product in Product.objects.filter(pk__in=stocked[:2]).order_by("pk"))
    assert set(lines) == {(bread, milk), (milk, bread)}
    milk = lines[milk, bread]
    assert (milk.both, milk.support_share, milk.confidence_share, milk.lift) == (200, 0.2, 1.0, pytest.approx(4.0))
    assert {line.right for line in rules_in_force(AssociationLevel.CATEGORY).lines} == {"生鲜/奶", "烘焙"}
    assert {line.right for line in rules_in_force(AssociationLevel.DEPARTMENT).lines} == {"生鲜", "烘焙"}
    assert len(rules_in_force(AssociationLevel.PRODUCT, start=1, limit=1).lines) == 1


def test_thresholds_are_asked_from_the_next_search_on(stocked):
    level = AssociationLevel.PRODUCT
    associations_run(now=NOW)
    Job.objects.all().delete()
    thresholds_save(level, DEFAULTS[level], by=1, now=NOW)
    assert not Job.objects.exists()
    thresholds_save(level, Thresholds(0.2, 1.0, 4.0), by=7, now=NOW)
    assert [*Job.objects.values_list("name", flat=True)] == ["recommend.associations"]
    assert AuditEvent.objects.filter(action_code="recommend.thresholds", user_id=7).count() == 1
    assert [run.level_code for run in associations_run(now=NOW)] == [level]
    assert [line.confidence_share for line in rules_in_force(level).lines] == [
        1.0
    ]  # 200 of 200, just met; the other way 200 of 250
    assert AssociationRule.objects.filter(run__level_code=level).count() == 1


def test_a_refused_search_leaves_the_last_good_rules(stocked, monkeypatch):
    level = AssociationLevel.DEPARTMENT
    associations_run(now=NOW)
    before = rules_in_force(level)
    monkeypatch.setattr(core, "MOST_SETS", 0)
    thresholds_save(level, Thresholds(0.01, 0.01, 0.01), by=1, now=NOW)
    associations_run(now=NOW)
    assert newest_search(level).refusal == services.TOO_MANY
    assert rules_in_force(level) == before
    assert associations_run(now=NOW) == []
    assert thresholds_in_force(level) == Thresholds(0.01, 0.01, 0.01)


def test_nothing_published_is_no_search():
    assert associations_run(now=NOW) == []
    assert not AssociationRun.objects.exists()
