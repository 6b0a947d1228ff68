"""Writes of the value app."""

from huitou.apps.value.services.forecast_run import forecast_run, is_made
from huitou.apps.value.services.run import VALUE_LEASE, value_run

__all__ = ["VALUE_LEASE", "forecast_run", "is_made", "value_run"]
