"""The stored forecast: once per base, whole rows, a refusal with its reason, and nothing left of an erased person."""

import sys

import numpy as np
import pytest
from tests.apps.builds.conftest import NOW
from tests.apps.statistics import tables_known

from huitou.apps.base import planner
from huitou.apps.base.hooks import PersonCopy, PersonErased, ValueComputed
from huitou.apps.base.models import Job
from huitou.apps.base.storage import warehouse
from huitou.apps.builds.services import cycle_run
from huitou.apps.customers.models import PersonFacts
from huitou.apps.value import handlers, queries
from huitou.apps.value.models import ForecastRun, PersonForecast, ValueRun
from huitou.apps.value.services import forecast_run
from huitou.warehouse.queries.purchase_days import purchase_days
from huitou.warehouse.scope import CHAIN, Scope

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


def instead_of_purchase_days(monkeypatch, person, ago, fen):
    """Let the run read these purchases in the place of the three days of the small chain."""

    def days(_cursor, *, scope, as_of):
        assert scope is CHAIN
        return {"person_id": person, "business_date": np.datetime64(as_of) - ago, "amount_fen": fen}

    monkeypatch.setattr(sys.modules["huitou.apps.value.services.forecast_run"], "purchase_days", days)


def jobs_named(name):
    return Job.objects.filter(name=name).count()


def test_three_days_are_too_little_and_the_run_says_so(tills):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    with warehouse().read() as reading:
        found = purchase_days(reading.cursor, scope=CHAIN, as_of=reading.as_of)
        assert purchase_days(reading.cursor, scope=Scope(()), as_of=reading.as_of)["person_id"].size == 0
    persons, days = np.unique(found["person_id"], return_counts=True)
    facts = PersonFacts.objects.exclude(order_days=0).order_by("pk").values_list("pk", "order_days")
    assert list(zip(persons.tolist(), days.tolist(), strict=True)) == list(facts)

    run = forecast_run(now=NOW)
    assert (run.refusal, run.backtest) == ("short", None)
    assert "days of history" in run.told
    assert not PersonForecast.objects.exists()
    assert jobs_named("value.run") == 0
    assert queries.published_forecast() is None
    assert list(queries.forecast_runs()) == [run]
    assert [one.refusal for one in queries.forecast_runs(30)] == ["short"]
    assert queries.forecast_horizons() == [365]  # the others have no backtest


def test_a_base_is_forecast_once_and_every_buyer_has_a_row(tills, monkeypatch):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    rng = np.random.default_rng(3)
    ago, person = np.nonzero(rng.random((360, 400)) < rng.gamma(0.8, 0.06, 400))
    instead_of_purchase_days(monkeypatch, person + 1, ago, rng.integers(500, 9000, ago.size))
    assert jobs_named("value.forecast") == 1  # planned when the values were computed

    monkeypatch.setattr(planner, "LARGE_ROWS", 1)
    run = forecast_run(now=NOW)
    assert tables_known() is None or "value_personforecast" in tables_known()
    rows = list(PersonForecast.objects.order_by("pk"))
    assert (run.refusal, run.persons) == ("", len(rows))
    assert [row.pk for row in rows] == np.unique(person + 1).tolist()
    assert all(row.low <= row.high and row.value_fen > 0 and 0 <= row.alive <= 1 and 0 < row.buys_30d < 1 for row in rows)
    assert all((row.next_date is None) == (row.next_reason != "") for row in rows)
    assert sum(row.value_fen for row in rows) == pytest.approx(run.value_fen, abs=len(rows))
    assert run.backtest["rows"][0]["model"] == "blend"
    assert run.chances["30"]["auc"] > 0.7
    assert jobs_named("value.run") == 1
    assert queries.forecast_horizons() == [30, 90, 180, 365]
    tested = {days: queries.forecast_runs(days)[0].backtest["tested_days"] for days in queries.forecast_horizons()}
    assert tested == {30: 30, 90: 90, 180: 120, 365: 120}
    assert queries.forecast_runs(30)[0].purchases < run.purchases / 6
    assert queries.published_forecast() == run
    assert set(PersonForecast.objects.values_list("run_id", flat=True)) == {run.pk}

    assert forecast_run(now=NOW) is None
    computed = ValueComputed(ValueRun.objects.latest("pk").pk, run.version, run.as_of, True, NOW)
    Job.objects.all().delete()
    handlers.value_computed(computed)
    assert jobs_named("value.forecast") == 0

    erased = rows[0].pk
    assert handlers.forecast_copied(PersonCopy(erased, ()))["forecast"]["purchases"] == rows[0].purchases
    handlers.person_erased(PersonErased(erased, (), NOW))
    assert handlers.forecast_copied(PersonCopy(erased, ())) == {}

    ForecastRun.objects.filter(horizon_days=90).delete()  # as where the horizons are new: only what is missing is made
    assert (forecast_run(now=NOW), ForecastRun.objects.count()) == (None, 4)
    assert PersonForecast.objects.count() == len(rows) - 1

    ForecastRun.objects.update(base_number=0)
    instead_of_purchase_days(monkeypatch, person[:0], ago[:0], ago[:0])
    assert forecast_run(now=NOW).refusal == "nobody"
    assert PersonForecast.objects.count() == len(rows) - 1  # the rows of the last good one stay
    assert queries.published_forecast() == run
