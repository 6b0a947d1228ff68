"""What the newest forecasts say, and how they did in their backtests."""

from django.db.models import QuerySet

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import ForecastRun, PersonForecast


def forecast_runs(limit: int = 12) -> QuerySet[ForecastRun]:
    """Return the newest ended forecasts, refused ones too, newest first; for who sees the whole chain."""
    return ForecastRun.objects.filter(ended_at__isnull=False).order_by("-pk")[:limit]


def published_forecast() -> ForecastRun | None:
    """Return the run that the stored forecasts of persons come from; None before the first good one."""
    return ForecastRun.objects.filter(ended_at__isnull=False, refusal="").order_by("-pk").first()


def person_forecast(viewer: Viewer, person_id: int) -> PersonForecast | None:
    """Return what the published forecast says of a person in reach; None for a stranger or where there is none."""
    return PersonForecast.objects.filter(pk=person_id, person__in=persons_in_reach(viewer)).first()
