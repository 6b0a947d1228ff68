"""The data page's numbers: each from its formula, with numerator, denominator and goals."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from tests.apps.customers.people import person_make
from tests.apps.identity.conftest import Chain

from huitou.apps.base.filters import filter_q
from huitou.apps.base.models import Job
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.fields import customer_catalogue
from huitou.apps.customers.models import Person
from huitou.apps.customers.queries import completeness_weights
from huitou.apps.customers.services import completeness_recount, weights_save
from huitou.apps.identity.models import HubValue
from huitou.apps.intake.models import SourceConfig, SourceCursor, SourceDay
from huitou.apps.intake.services import source_configure
from huitou.apps.products.models import Store
from huitou.apps.quality.models import Goal, QualitySnapshot
from huitou.apps.quality.queries import data_overview, late_sources, reconciliation, schema_registry
from huitou.apps.quality.services import quality_snapshot
from huitou.connectors.fakes import serve_fakes
from huitou.core.canonical import Group
from huitou.core.filters.tree import Condition, Operator
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS
from huitou.warehouse.landing.manifest import KindCounts

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
AS_OF = date(2026, 11, 21)
ENGINEER = Viewer(1, "engineer", None)


@pytest.fixture(autouse=True)
def _shipped_goals(db):
    """The goals that the migration brings; a test that empties all tables may have run before in the same process."""
    import_module("huitou.apps.quality.migrations.0002_goals").add_goals(apps, None)


@pytest.fixture
def chain(layout):
    return Chain(layout)


@pytest.mark.accept("S19")
def test_thirty_percent_surplus_records_are_reported_before_resolution(chain):
    """200 records of 140 persons: 60 of them came a second time with the phone in another form."""
    phones = [f"1541234{number:04d}" for number in range(140)]
    mall = [{"record_id": n, "phone": phone, "name": "王芳", "phone_verified": True} for n, phone in enumerate(phones, 1)]
    tills = [{"record_id": 1_000 + n, "phone": f"+86 {phones[n]}", "name": "王芳"} for n in range(60)]
    chain.apply("mall", mall)
    chain.apply("pos", tills)
    quality_snapshot(now=NOW)
    before = data_overview(ENGINEER, NOW).metrics["duplicate_rate_before"]
    assert (before.share.numerator, before.share.denominator, before.share.value) == (60, 200, 0.3)
    assert before.metric.formula.zh == "（源记录数 − 归并后人数）÷ 源记录数"
    assert data_overview(ENGINEER, NOW).metrics["multi_source_share"].share.value == pytest.approx(60 / 140)


def test_profiles_that_look_alike_are_the_residual_after_resolution():
    twins = {"name": "王小芳", "birthday": "1985-02-03"}
    for number in range(1, 20):
        person_make(number, profile={"name": f"李{number}", "birthday": "1985-02-03"})
    person_make(20, profile=twins)
    person_make(21, profile=twins)
    assert quality_snapshot(now=NOW)["duplicate_rate_after"].value == pytest.approx(1 / 21)


@pytest.mark.accept("S53")
def test_dormancy_of_450_in_1000_is_45_percent_with_its_baseline_per_period():
    for number in range(1, 1_201):
        last = None if number > 1_000 else AS_OF - timedelta(days=90 if number <= 450 else 89)
        person_make(number, is_member=True, first_date=last, last_date=last, orders_count=0 if last is None else 1)
    person_make(2_000, is_member=False, first_date=AS_OF, last_date=AS_OF, orders_count=1)  # no member
    person_make(2_001, is_member=True, is_live=False, first_date=AS_OF, last_date=AS_OF, orders_count=1)
    quality_snapshot(now=NOW)
    Goal.objects.create(metric_key="dormancy_rate", kind_code="target", period_code="2026", share=0.40)
    rate = data_overview(ENGINEER, NOW).metrics["dormancy_rate"]
    assert (rate.share.numerator, rate.share.denominator, rate.share.value) == (450, 1_000, 0.45)
    assert (rate.baseline.period_code, rate.baseline.share) == ("2022", 0.45)
    assert (rate.target.period_code, rate.target.share) == ("2026", 0.40)


@pytest.mark.accept("S25")
def test_completeness_of_65_percent_reports_65_percent_with_its_trend_target_and_gaps():
    for number in range(1, 101):  # phone .30, name .20, gender .10 for all; half have the store, .10
        person_make(
            number,
            store_id=1 if number <= 50 else None,
            profile={"phone": f"154{number:08d}", "name": f"李{number}", "gender": "F"},
            completeness_share=0.70 if number <= 50 else 0.60,
        )
    quality_snapshot(now=NOW - timedelta(days=1))
    Person.objects.filter(pk__lte=10).update(completeness_share=0.7)
    quality_snapshot(now=NOW)
    quality_snapshot(now=NOW + timedelta(hours=1))  # again on the same day
    page = data_overview(ENGINEER, NOW)
    value = page.metrics["completeness_share"]
    assert value.share.value == pytest.approx(0.65)
    assert (value.target.share, value.baseline.share) == (0.92, 0.65)
    assert [point.day for point in value.trend] == [AS_OF - timedelta(days=1), AS_OF]
    gaps = {gap.field_code: gap for gap in page.person_gaps}
    assert (gaps["store"].filled, gaps["store"].missing, gaps["store"].gain_share) == (50, 50, pytest.approx(0.05))
    assert sum(gap.gain_share for gap in page.person_gaps) == pytest.approx(1 - 0.65)
    assert [gap.gain_share for gap in page.person_gaps] == sorted((gap.gain_share for gap in page.person_gaps), reverse=True)
    assert QualitySnapshot.objects.filter(metric_key="completeness_share").count() == 2


def test_the_customers_behind_every_gap_are_as_many_as_the_gap_says():
    files = ({}, {"phone": "15400000001"}, {"phone": "15400000002", "name": "李梅", "gender": "F", "birthday": "1990-02-03"})
    for number in range(1, 13):
        person_make(number, store_id=number % 2 or None, profile=files[number % 3])
    person_make(20, profile={"name": "李雷"}, is_live=False)
    Person.objects.filter(pk=20).update(filled_bits=0)
    quality_snapshot(now=NOW)
    Person.objects.filter(pk=1).update(filled_bits=None)  # of an older release, with a phone: told as lacking until it is counted
    catalogue = customer_catalogue()
    gaps = data_overview(ENGINEER, NOW).person_gaps
    assert {gap.field_code for gap in gaps} == set(COMPLETENESS_WEIGHTS)
    for gap in gaps:
        lacking = Condition("lacks", Operator.EQ, gap.field_code)
        found = Person.objects.filter(filter_q(lacking, catalogue, as_of=AS_OF), is_live=True)
        assert found.count() == gap.missing + (gap.field_code == "phone")


@pytest.mark.accept("S25")
def test_beside_completeness_stands_what_the_sources_allow(chain):
    """Two files of one name and birthday complete each other; a number that is nobody's was stated all the same."""
    same = {"name": "李雷", "birthday": "1990-02-03"}
    person_make(10_001, store_id=None, profile={"phone": "15412340001", **same}, completeness_share=0.65)
    person_make(10_002, store_id=None, profile={"gender": "M", **same}, completeness_share=0.45)
    chain.apply("mall", [{"record_id": 1, "phone": "13800000000", "name": "王芳"}])
    assert data_overview(ENGINEER, NOW).metrics["attainable_completeness_share"].share is None
    quality_snapshot(now=NOW)
    metrics = data_overview(ENGINEER, NOW).metrics
    assert metrics["completeness_share"].share.numerator == pytest.approx(0.65 + 0.45 + 0.20)
    allowed = metrics["attainable_completeness_share"].share
    assert (allowed.numerator, allowed.denominator) == (pytest.approx(0.75 + 0.75 + 0.50), 3)


@pytest.mark.accept("S25")
def test_other_weights_count_every_file_anew_and_leave_the_days_before_as_they_were():
    for number in range(1, 5):
        person_make(number, store_id=1 if number == 1 else None, profile={"phone": f"154{number:08d}"}, completeness_share=0.3)
    quality_snapshot(now=NOW - timedelta(days=1))
    weights = {"phone": 0.5, "name": 0.0, "birthday": 0.1, "address": 0.1, "gender": 0.1, "store": 0.2}
    weights_save(weights, by=1, now=NOW)
    weights_save(weights, by=1, now=NOW)
    with pytest.raises(ValueError, match="sum to 1"):
        weights_save({**weights, "name": 0.1}, by=1, now=NOW)
    assert completeness_weights() == weights
    assert Job.objects.filter(name="customers.completeness").count() == 1
    assert completeness_recount() == 4
    assert completeness_recount() == 0
    assert list(Person.objects.order_by("pk").values_list("completeness_share", flat=True)) == [0.7, 0.5, 0.5, 0.5]
    quality_snapshot(now=NOW)
    page = data_overview(ENGINEER, NOW)
    assert [point.value for point in page.metrics["completeness_share"].trend] == [pytest.approx(0.3), pytest.approx(0.55)]
    assert {gap.field_code: gap.weight for gap in page.person_gaps} == weights


def test_an_empty_installation_has_no_answers_instead_of_zeros():
    page = data_overview(ENGINEER, NOW)
    assert {value.share for value in page.metrics.values()} == {None}
    assert (page.points, page.person_gaps, page.sources) == (None, (), ())
    shares = quality_snapshot(now=NOW)
    assert {share.value for share in shares.values()} == {None}
    assert "identified_revenue_share" not in shares  # nothing built yet


@pytest.mark.accept("S235")
def test_each_source_accounts_for_its_rows_and_says_when_it_is_late():
    for code, minutes in (("mall", 14), ("pos", 16), ("quiet", None)):
        SourceConfig.objects.create(code=code, kind_code=code, title=code, settings=b"", created_at=NOW)
        pulled = None if minutes is None else NOW - timedelta(minutes=minutes)
        SourceCursor.objects.create(source_code=code, stream_code="orders", last_pull_at=pulled)
    for day, received in ((AS_OF, 10), (AS_OF - timedelta(days=30), 99)):
        SourceDay.objects.create(
            source_code="mall", business_date=day, kind_code="order", received=received, accepted=received - 3, merged=1,
            quarantined=2,
        )  # fmt: skip
    sources = {source.state.code: source for source in _overview_without_streams().sources}
    assert sources["mall"].rows == KindCounts(10, 7, 1, 2)
    assert [sources[code].by_day for code in ("mall", "quiet")] == [(10,), ()]
    SourceDay.objects.create(
        source_code="mall", business_date=AS_OF - timedelta(days=2), kind_code="ticket", received=4, accepted=4
    )
    days = {source.state.code: source.by_day for source in _overview_without_streams().sources}
    assert days["mall"] == (4, 0, 10), "a day without rows is a zero in the course of the days"
    assert {code: source.is_late for code, source in sources.items()} == {"mall": False, "pos": True, "quiet": True}


def _overview_without_streams():
    """The sources of this test have no readable settings; the rest of the page does not need them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huitou.apps.quality.queries.source_streams", dict)
        return data_overview(ENGINEER, NOW)


def test_hubs_and_placeholders_are_listed():
    HubValue.objects.create(
        kind_code="phone", value_hash=1, value=b"", record_count=60, name_count=50, reason_code="names", found_at=NOW
    )
    Store.objects.create(code="S77", name="S77", region_code="?", region_name="?", is_placeholder=True, updated_at=NOW)
    page = data_overview(ENGINEER, NOW)
    assert (page.hubs, page.placeholder_stores, page.placeholder_products) == (1, ("S77",), ())


def test_the_schema_registry_lists_the_captured_groups_per_source(tmp_path):
    with serve_fakes(tmp_path / "chain") as fakes:
        for code, settings in fakes.settings.items():
            source_configure(code=code, kind_code=code, settings=settings, now=NOW)
        entries = schema_registry()
    groups = {(entry.source_code, entry.group) for entry in entries}
    assert groups >= {
        ("mall", Group.BASE), ("mall", Group.TRADE), ("mall", Group.SERVICE), ("pos", Group.BASE), ("pos", Group.TRADE),
        ("membership", Group.BASE), ("membership", Group.TRADE), ("aftersales", Group.BASE), ("aftersales", Group.SERVICE),
    }  # fmt: skip
    tickets = next(entry for entry in entries if (entry.source_code, entry.kind_code) == ("aftersales", "ticket"))
    assert {"ticket_no", "status_code"} <= set(tickets.required)
    assert {"subject", "body"} <= set(tickets.personal)
    assert all(entry.streams for entry in entries)


@pytest.mark.parametrize("role", ["guide", "store_manager", "agent", "marketer", ""])
def test_a_role_without_business_on_the_data_page_is_refused(role):
    stranger = Viewer(9, role, frozenset({1}))
    for read in (lambda: data_overview(stranger, NOW), lambda: reconciliation(stranger)):
        with pytest.raises(PermissionError):
            read()


def test_a_source_that_nobody_pulls_is_never_late():
    for code in ("files", "events"):
        source_configure(code=code, kind_code=code, settings={"secret": "s"}, now=NOW)
    assert late_sources(NOW + timedelta(days=9)) == []
