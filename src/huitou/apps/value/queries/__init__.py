"""Reads of the value app; every one for a screen takes the viewer and is cut to the viewer's reach."""

from huitou.apps.value.queries.forecasts import forecast_runs, person_forecast, published_forecast
from huitou.apps.value.queries.overview import SchemeSums, TierSums, cross_tab, last_run, scheme_sums, top_lists

__all__ = [
    "SchemeSums", "TierSums", "cross_tab", "forecast_runs", "last_run", "person_forecast", "published_forecast", "scheme_sums",
    "top_lists",
]  # fmt: skip
