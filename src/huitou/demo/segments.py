"""The demo's segments: the rules a marketer begins with."""

from datetime import datetime
from typing import Any

from huitou.apps.base.scope import Viewer
from huitou.apps.segments.queries import segments
from huitou.apps.segments.services import segment_create, segments_refresh

_COMPLAINED = {
    "event": "ticket", "measure": "times", "op": "gte", "value": 1, "days": 90, "where": {"type": ["complaint", "delivery"]},
}  # fmt: skip
_BOUGHT = {"event": "purchase", "measure": "times", "op": "gte", "value": 1}
RULES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "高价值流失预警",
        "近 12 月消费 500 元以上，超过 60 天没买或刚投诉过，还没沉睡",
        {
            "all": [
                {"field": "net_365d", "op": "gte", "value": 50_000},
                {"any": [{"field": "days_since_purchase", "op": "gt", "value": 60}, _COMPLAINED]},
                {"not": {"field": "stage", "op": "eq", "value": "dormant"}},
            ]
        },
    ),
    ("近 60 天两单以上", "", {**_BOUGHT, "value": 2, "days": 60}),
    (
        "新客只买过一单",
        "60 天内第一次买，还没有第二单",
        {"all": [{"field": "days_since_first", "op": "lte", "value": 60}, {**_BOUGHT, "op": "eq", "value": 1}]},
    ),
    ("投诉后没有再买", "", {"all": [_COMPLAINED, {"not": {**_BOUGHT, "days": 30}}]}),
)


def segments_make(*, owner_id: int, role_code: str, now: datetime) -> None:
    """Save the demo's segments and calculate them, unless there are segments already."""
    if segments().exists():
        return
    viewer = Viewer(owner_id, role_code, None)
    for name, note, rule in RULES:
        segment_create(viewer=viewer, name=name, note=note, rule=rule, now=now)
    segments_refresh(now=now)
