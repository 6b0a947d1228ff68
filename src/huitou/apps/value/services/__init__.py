"""Writes of the value app."""

from huitou.apps.value.services.run import VALUE_LEASE, value_run

__all__ = ["VALUE_LEASE", "value_run"]
