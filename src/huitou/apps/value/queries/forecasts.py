"""What the newest forecasts say, and how they did in their backtests."""

from django.db.models import Max, QuerySet

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.gather import FORECAST, forecasts_published
from huitou.apps.value.models import HORIZON_DAYS, ForecastRun, PersonForecast
from huitou.apps.value.queries.overview import runs_ended


def forecast_runs(horizon_days: int = HORIZON_DAYS, *, limit: int = 12) -> QuerySet[ForecastRun]:
    """Return the newest ended forecasts of a horizon, refused ones too, newest first; for who sees the whole chain."""
    return ForecastRun.objects.filter(ended_at__isnull=False, horizon_days=horizon_days).order_by("-pk")[:limit]


def forecast_horizons() -> list[int]:
    """Return the horizons, in days, rising, whose newest forecast has a backtest, and always that of persons."""
    newest = ForecastRun.objects.filter(ended_at__isnull=False).values("horizon_days").annotate(newest=Max("pk"))
    tested = ForecastRun.objects.filter(pk__in=newest.values("newest"), backtest__isnull=False)
    return sorted({HORIZON_DAYS, *tested.values_list("horizon_days", flat=True)})


def published_forecast() -> ForecastRun | None:
    """Return the run that the stored forecasts of persons come from; None before the first good one."""
    return forecasts_published().order_by("-pk").first()


def values_are_forecast() -> bool:
    """Say whether the predicted values of the last run are a forecast; before the first good one the last 12 months stand in."""
    run = runs_ended().only("rules").first()
    return run is not None and run.rules.get("clv") == FORECAST


def person_forecast(viewer: Viewer, person_id: int) -> PersonForecast | None:
    """Return what the published forecast says of a person in reach; None for a stranger or where there is none."""
    return PersonForecast.objects.filter(pk=person_id, person__in=persons_in_reach(viewer).filter(pk=person_id)).first()
