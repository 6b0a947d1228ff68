"""Both compilers answer like the plain evaluation, on random trees over random rows with missing values."""

from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest
from django.db import connection, models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.filters.strategies import AS_OF, CATALOGUE, ROWS, TREES, VISIT_TREES, VISITS, WINDOW_CATALOGUE

from huitou.apps.base.filters import filter_q
from huitou.core.filters.catalogue import Catalogue, Field, FieldType
from huitou.core.filters.plan import matches, plan
from huitou.core.filters.tree import All, Any, Condition, Measure, Not, Operator, Window
from huitou.core.labels import Label
from huitou.core.periods import day_start
from huitou.warehouse.filters import filter_sql

EXAMPLES = 60 if connection.vendor == "sqlite" else 20  # the second database is there for what it reads differently
SCHEMA = pa.schema(
    [
        ("id", pa.int64()), ("code", pa.string()), ("store", pa.int64()), ("orders", pa.int32()), ("net", pa.int64()),
        ("weight", pa.int64()),
        ("share", pa.float64()), ("day", pa.date32()), ("member", pa.bool_()), ("kind", pa.string()),
    ]
)  # fmt: skip


class Trial(models.Model):
    """A table of nullable columns, one per stored type."""

    code = models.CharField(max_length=100, null=True)
    store = models.BigIntegerField(null=True)
    orders = models.IntegerField(null=True)
    net = models.BigIntegerField(null=True)
    weight = models.BigIntegerField(null=True)
    share = models.FloatField(null=True)
    day = models.DateField(null=True)
    member = models.BooleanField(null=True)
    kind = models.CharField(max_length=8, null=True)
    shop = models.BigIntegerField(null=True)

    class Meta:
        app_label = "base"
        managed = False
        db_table = "filter_trial"


class TrialVisit(models.Model):
    """Something that happened to a row of Trial, or to nobody."""

    trial_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=8)

    class Meta:
        app_label = "base"
        managed = False
        db_table = "filter_trial_visit"


@pytest.fixture
def trial_table(transactional_db):
    with connection.schema_editor() as editor:
        editor.create_model(Trial)
        editor.create_model(TrialVisit)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(TrialVisit)
        editor.delete_model(Trial)


@pytest.mark.db_both
@pytest.mark.usefixtures("trial_table")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    tree=VISIT_TREES, rows=st.lists(st.tuples(st.none() | st.integers(-3, 3), st.none() | st.integers(1, 3), VISITS), max_size=8)
)
def test_windows_over_rows_of_the_operations_database_agree_with_the_plain_evaluation(tree, rows):
    step = plan(tree, WINDOW_CATALOGUE, as_of=AS_OF)
    wanted = {
        number
        for number, (orders, shop, visits) in enumerate(rows, 1)
        if matches(step, {"orders": orders, "shop": shop}, {"visit": visits})
    }
    Trial.objects.all().delete()
    TrialVisit.objects.all().delete()
    Trial.objects.bulk_create(Trial(id=number, orders=row[0], shop=row[1]) for number, row in enumerate(rows, 1))
    last_second = timedelta(hours=23, minutes=59, seconds=59)
    TrialVisit.objects.bulk_create(
        TrialVisit(trial_id=number, at=day_start(visit.day) + last_second, kind=visit.among["kind"])
        for number, row in enumerate(rows, 1)
        for visit in row[2]
    )
    TrialVisit.objects.create(trial_id=None, at=day_start(AS_OF), kind="a")
    found = Trial.objects.filter(filter_q(tree, WINDOW_CATALOGUE, as_of=AS_OF)).values_list("id", flat=True)
    assert set(found) == wanted


def from_plain(tree, rows):
    step = plan(tree, CATALOGUE, as_of=AS_OF)
    return {number for number, row in enumerate(rows, 1) if matches(step, {**row, "day_ago": row["day"]})}


def from_orm(tree, rows):
    Trial.objects.all().delete()
    Trial.objects.bulk_create([Trial(id=number, **row) for number, row in enumerate(rows, 1)])
    return set(Trial.objects.filter(filter_q(tree, CATALOGUE, as_of=AS_OF)).values_list("id", flat=True))


def from_duckdb(tree, rows):
    trial = pa.Table.from_pylist([{"id": number, **row} for number, row in enumerate(rows, 1)], SCHEMA)
    condition, parameters = filter_sql(tree, CATALOGUE, as_of=AS_OF)
    with duckdb.connect() as database:
        database.register("trial", trial)
        found = database.execute(f"select id from trial where {condition}", parameters).fetchall()
    return {number for (number,) in found}


@pytest.mark.db_both
@pytest.mark.usefixtures("trial_table")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(tree=TREES, rows=st.lists(ROWS, max_size=25))
def test_both_engines_agree_with_the_plain_evaluation(tree, rows):
    wanted = from_plain(tree, rows)
    assert from_orm(tree, rows) == wanted
    assert from_duckdb(tree, rows) == wanted


EMPTY = dict.fromkeys(SCHEMA.names[1:])
ONE = {**EMPTY, "orders": 1}


@pytest.mark.usefixtures("trial_table")
def test_a_question_that_is_always_true_stays_true_inside_a_group():
    always = Window("visit", Measure.TIMES, Operator.GTE, 0)
    Trial.objects.create(id=1)
    for tree, count in ((Any((always, Condition("orders", Operator.EQ, 1))), 1), (Not(Not(always)), 1), (Not(always), 0)):
        assert Trial.objects.filter(filter_q(tree, WINDOW_CATALOGUE, as_of=AS_OF)).count() == count, tree


@pytest.mark.db_both
@pytest.mark.usefixtures("trial_table")
@pytest.mark.parametrize(
    ("tree", "missing_matches", "one_matches"),
    [
        (Condition("orders", Operator.EQ, 1), False, True),
        (Condition("orders", Operator.NE, 1), False, False),
        (Not(Condition("orders", Operator.EQ, 1)), True, False),
        (Not(Not(Condition("orders", Operator.EQ, 2))), False, False),
        (Condition("store", Operator.NOT_IN, (5,)), False, False),
        (Not(Condition("store", Operator.IN, (5,))), True, True),
        (Not(All((Condition("orders", Operator.EQ, 1), Condition("store", Operator.EQ, 1)))), True, True),
        (Not(Any((Condition("orders", Operator.EQ, 1), Condition("store", Operator.EQ, 1)))), True, False),
        (Condition("orders", Operator.MISSING), True, False),
        (Not(Condition("orders", Operator.PRESENT)), True, False),
        (Condition("stage", Operator.NE, "old"), True, True),
        (Condition("zone", Operator.NE, "north"), False, False),
        (Condition("zone", Operator.MISSING), True, True),
        (All(), True, True),
    ],
)
def test_a_missing_value_never_matches_and_its_negation_does(tree, missing_matches, one_matches):
    wanted = {number for number, matched in ((1, missing_matches), (2, one_matches)) if matched}
    for engine in (from_plain, from_orm, from_duckdb):
        assert engine(tree, [EMPTY, ONE]) == wanted, engine.__name__


HOSTILE = "x') or 1=1; drop table filter_trial; --"


@pytest.mark.usefixtures("trial_table")
def test_a_hostile_value_is_only_compared():
    tree = Any((Condition("code", Operator.EQ, HOSTILE), Condition("code", Operator.IN, (HOSTILE, "%", "?", "{0}"))))
    rows = [{**EMPTY, "code": HOSTILE}, {**EMPTY, "code": "x"}]
    assert from_orm(tree, rows) == {1}
    assert from_duckdb(tree, rows) == {1}
    condition, parameters = filter_sql(tree, CATALOGUE, as_of=AS_OF)
    assert HOSTILE not in condition
    assert parameters == [HOSTILE, [HOSTILE, "%", "?", "{0}"]]


def test_a_name_outside_the_catalogue_reaches_no_engine():
    for compile_one in (filter_q, filter_sql):
        with pytest.raises(KeyError):
            compile_one(Condition("password", Operator.EQ, "x"), CATALOGUE, as_of=AS_OF)


def test_a_field_without_a_place_in_the_engine_is_refused():
    homeless = Catalogue(Label("无", "none"), (Field("lost", Label("失", "lost"), FieldType.DATE),))
    tree = Condition("lost", Operator.EQ, date(2026, 1, 1))
    with pytest.raises(ValueError, match="operations database"):
        filter_q(tree, homeless, as_of=AS_OF)
    with pytest.raises(ValueError, match="analytical store"):
        filter_sql(tree, homeless, as_of=AS_OF)
