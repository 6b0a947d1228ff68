"""When a source is late. Rules as tables."""

from collections.abc import Mapping
from datetime import timedelta

LAG_LIMITS: Mapping[str, timedelta] = {
    "mall": timedelta(minutes=15),
    "pos": timedelta(minutes=15),
    "membership": timedelta(minutes=15),
    "aftersales": timedelta(minutes=15),
}  # by the connector's code
DEFAULT_LAG_LIMIT = timedelta(hours=1)
NOT_PULLED = frozenset({"files", "events"})  # they bring what people and senders bring; silence is a touchpoint's matter
