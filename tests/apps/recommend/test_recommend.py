"""Stored recommendations: once per base, reasons and exclusions kept, a refusal said, nothing left of an erased person."""

import sys
from datetime import date, timedelta

import numpy as np
import pytest
from tests.apps.builds.conftest import NOW
from tests.apps.statistics import tables_known

from huitou.apps.base import planner
from huitou.apps.base.hooks import IdentityChange, PersonCopy, PersonErased, RecordMove, ValueComputed
from huitou.apps.base.models import Job
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.builds.services import cycle_run
from huitou.apps.customers.models import Person
from huitou.apps.privacy.models import Consent
from huitou.apps.products.models import Category, Product
from huitou.apps.recommend import handlers, queries
from huitou.apps.recommend.fields import next_category
from huitou.apps.recommend.models import PersonNext, RecommendRun, Withheld, Withholding
from huitou.apps.recommend.services import NotThere, recommend_run, withheld_end, withheld_set
from huitou.warehouse.queries.bought_items import Bought, baskets, bought_items, buyers_count
from huitou.warehouse.scope import CHAIN, Scope

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
EVERYBODY = Viewer(user_id=1, role_code="manager", store_ids=None)
STRANGER = Viewer(user_id=2, role_code="guide", store_ids=frozenset())


@pytest.fixture
def published(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    return [*Person.objects.order_by("pk").values_list("pk", flat=True)]


def habits_of(persons, products, last, seed=3):
    """Everybody has three products with rhythms of 4 to 12 days; 150 days."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in persons:
        for product in rng.choice(products, 3, replace=False):
            at = rng.integers(0, 10)
            while at < 150:
                rows.append((person, product, last - 149 + at))
                at += max(1, round(rng.normal(4 + product % 5 * 2, 2)))
    found = np.array(rows, dtype=np.int64)
    return Bought(*found[np.argsort(found[:, 0], kind="stable")].T)


@pytest.fixture
def rich(published, monkeypatch):
    """Let a run read these purchases in the place of the three days of the small chain; the products have names."""
    Category.objects.create(path="生鲜", name="生鲜", level=1)
    Product.objects.update(is_placeholder=False)
    Product.objects.filter(pk__in=Product.objects.order_by("pk")[:4]).update(category=Category.objects.get(path="生鲜"))
    products = [*Product.objects.order_by("pk").values_list("pk", flat=True)]
    with warehouse().read() as reading:
        last = int(np.datetime64(reading.as_of, "D").astype(np.int64))
    bought = habits_of([*published, *range(90_000, 90_120)], products, last)
    together = Bought(bought.persons * 1000 + bought.days % 1000, bought.products, bought.days)
    module = sys.modules["huitou.apps.recommend.services.run"]
    monkeypatch.setattr(module, "bought_items", lambda cursor, *, scope, as_of, every=1: iter([bought]))
    monkeypatch.setattr(module, "baskets", lambda cursor, *, scope, as_of, most: together)
    return products


def test_three_days_are_too_little_and_the_run_says_so(published):
    with warehouse().read() as reading:
        blocks = [*bought_items(reading.cursor, scope=CHAIN, as_of=reading.as_of, rows=7)]
        whole = [*bought_items(reading.cursor, scope=CHAIN, as_of=reading.as_of)]
        together = baskets(reading.cursor, scope=CHAIN, as_of=reading.as_of, most=10_000)
        assert [*bought_items(reading.cursor, scope=Scope(()), as_of=reading.as_of)] == []
        buyers = buyers_count(reading.cursor, scope=CHAIN, as_of=reading.as_of)
    small, large = (
        [row for block in some for row in zip(block.persons.tolist(), block.products.tolist(), block.days.tolist(), strict=True)]
        for some in (blocks, whole)
    )
    assert sorted(small) == sorted(large)
    assert len({row[0] for row in large}) == buyers
    assert [block.persons[0] for block in blocks] == sorted({int(block.persons[0]) for block in blocks})
    assert np.unique(together.persons).size > buyers

    assert Job.objects.filter(name="recommend.run").count() == 1  # planned when the values were computed
    run = recommend_run(now=NOW)
    assert (run.refusal, run.persons) == ("short", 0)
    assert recommend_run(now=NOW) is None
    assert queries.run_in_force() is None
    assert queries.last_run() == run
    assert [*next_category(EVERYBODY)] == []
    handlers.value_computed(ValueComputed(1, run.version, run.as_of, False, NOW))
    assert Job.objects.filter(name="recommend.run").count() == 1


@pytest.mark.accept("S46", "S162", "S164")
def test_lists_are_stored_with_reasons_trial_and_exclusions(published, rich, monkeypatch):
    monkeypatch.setattr(planner, "LARGE_ROWS", 1)
    person, scarce, wanted_not = published[0], rich[0], rich[1]
    refuses = published[1]
    Consent.objects.create(
        person_id=refuses, channel_code="sms", purpose_code="personal", answer_code="withdrawn", said_at=NOW, recorded_at=NOW,
        source_code="manual",
    )  # fmt: skip
    withheld_set(viewer=EVERYBODY, reason=Withholding.OUT_OF_STOCK, product_id=scarce, now=NOW)
    withheld_set(viewer=EVERYBODY, reason=Withholding.NOT_WANTED, product_id=wanted_not, person_id=person, now=NOW)
    run = recommend_run(now=NOW)
    assert tables_known() is None or "recommend_personnext" in tables_known()
    assert run.refusal == ""
    assert run.trials["product"]["again"]["habits"]["recall"] > run.trials["product"]["again"]["popular"]["recall"]
    assert run.excluded["out_of_stock"] > 0
    assert PersonNext.objects.count() == run.persons
    assert not PersonNext.objects.filter(pk=refuses).exists()

    today = run.as_of
    found = queries.person_next(EVERYBODY, person, today=today)
    shown = {line.product.pk for line in (*found.again, *found.fresh)}
    assert shown
    assert not shown & {scarce, wanted_not}
    assert all(0 < line.chance < 1 and line.times >= 1 for line in found.again)
    assert [line.chance for line in found.again] == sorted((line.chance for line in found.again), reverse=True)
    assert found.categories[0].category_id == PersonNext.objects.get(pk=person).next_category_id
    assert found.categories[0].chance > 0.5
    assert queries.person_next(STRANGER, person, today=today) is None
    Person.objects.filter(pk=person).update(of_age_on=today + timedelta(days=1))
    assert queries.person_next(EVERYBODY, person, today=today) is None  # a child: nothing is recommended
    assert queries.person_next(EVERYBODY, person, today=today + timedelta(days=1)) is not None
    Person.objects.filter(pk=person).update(of_age_on=None)
    (entry,) = next_category(EVERYBODY)
    assert entry.field.name == "next_category"

    offers = queries.basket_offers([rich[2], rich[3]], today=today, top=3)
    assert offers
    assert not {offer.product.pk for offer in offers} & {scarce, rich[2], rich[3]}
    assert {offer.because.pk for offer in offers} <= {rich[2], rich[3]}
    assert queries.basket_offers([10**6], today=today) == []

    keep_back(person, published[1], run)


def keep_back(person, other, run):
    """What is kept back goes at once, comes back, follows merges, and is erased with the person."""
    first = queries.person_next(EVERYBODY, person, today=run.as_of).again[0].product
    row = withheld_set(
        viewer=EVERYBODY, reason=Withholding.NOT_WANTED, product_id=first.pk, person_id=person, until=run.as_of, now=NOW
    )
    after = queries.person_next(EVERYBODY, person, today=run.as_of)
    assert first.pk not in {line.product.pk for line in after.again}
    assert after.kept_back[-1].name == first.name
    tomorrow = queries.person_next(EVERYBODY, person, today=run.as_of + timedelta(1))
    assert first.pk in {line.product.pk for line in tomorrow.again}
    for viewer, asked in ((STRANGER, row.pk), (EVERYBODY, row.pk + 1)):
        with pytest.raises(NotThere):
            withheld_end(viewer=viewer, person_id=person, withheld_id=asked, now=NOW)
    withheld_end(viewer=EVERYBODY, person_id=person, withheld_id=row.pk, now=NOW)
    assert queries.person_next(EVERYBODY, person, today=run.as_of).again[0].product == first
    for wrong in ({"product_id": 10**6}, {"category_id": 10**6}, {"category_id": first.category_id, "person_id": 10**6}):
        with pytest.raises(NotThere):
            withheld_set(viewer=EVERYBODY, reason=Withholding.NOT_WANTED, now=NOW, **wrong)

    category = withheld_set(
        viewer=EVERYBODY, reason=Withholding.NOT_WANTED, category_id=first.category_id, person_id=person, now=NOW
    )
    kinds = {line.product.category_id for line in queries.person_next(EVERYBODY, person, today=run.as_of).again}
    assert first.category_id not in kinds
    handlers.withheld_follow(IdentityChange(1, (RecordMove(1, person, other),), (), (person,), NOW))
    assert Withheld.objects.get(pk=category.pk).person_id == other
    handlers.withheld_follow(IdentityChange(2, (RecordMove(1, other, person),), (person,), (), NOW))
    assert Withheld.objects.get(pk=category.pk).person_id == person
    copied = handlers.person_copied(PersonCopy(person, ()))["recommendations"]
    assert copied["kept_back"][-1]["category_id"] == first.category_id
    handlers.person_erased(PersonErased(person, (), NOW))
    assert handlers.person_copied(PersonCopy(person, ())) == {}
    assert RecommendRun.objects.get().as_of == run.as_of >= date(2026, 1, 1)
