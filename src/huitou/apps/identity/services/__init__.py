"""Writes of the identity app."""

from huitou.apps.identity.services.map_resolve import map_resolve
from huitou.apps.identity.services.records_apply import records_apply
from huitou.apps.identity.services.records_store import records_store

__all__ = ["map_resolve", "records_apply", "records_store"]
