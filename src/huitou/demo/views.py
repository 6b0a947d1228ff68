"""The demo's saved views of the customer list: two that are pinned as tabs, one that waits among the others."""

from datetime import datetime
from typing import Any

from huitou.apps.base.fields import Noun
from huitou.apps.base.scope import Viewer
from huitou.apps.lists.queries import views_of
from huitou.apps.lists.services import view_pin, view_save, view_share

_NOT_DORMANT = {"not": {"field": "stage", "op": "eq", "value": "dormant"}}
VIEWS: tuple[tuple[str, str, bool, dict[str, Any]], ...] = (  # title, order, pinned, filter
    (
        "高价值流失预警",
        "-net_365d",
        True,
        {
            "all": [
                {"field": "net_365d", "op": "gte", "value": 50_000},
                {"field": "days_since_purchase", "op": "gt", "value": 60},
                _NOT_DORMANT,
            ]
        },
    ),
    ("新客", "-last_purchase", True, {"field": "stage", "op": "eq", "value": "new"}),
    (
        "资料不全的会员",
        "",
        False,
        {"all": [{"field": "is_member", "op": "eq", "value": True}, {"field": "completeness", "op": "lt", "value": 0.65}]},
    ),
)


def views_make(*, owner_id: int, role_code: str, now: datetime) -> None:
    """Save the views for one person, shared with the role, unless the person has views already."""
    viewer = Viewer(owner_id, role_code, None)
    if views_of(viewer, Noun.CUSTOMER):
        return
    for title, sort, is_pinned, filters in VIEWS:
        view_id = view_save(viewer=viewer, noun=Noun.CUSTOMER, title=title, filters=filters, sort=sort, now=now)
        view_share(viewer=viewer, noun=Noun.CUSTOMER, view_id=view_id, is_shared=True, now=now)
        if is_pinned:
            view_pin(viewer=viewer, noun=Noun.CUSTOMER, view_id=view_id, is_pinned=True)
