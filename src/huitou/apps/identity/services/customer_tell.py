"""A customer told over the interface: kept for its batch, and answered at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from huitou.apps.identity.services.record_upsert import CustomerRecord, Upserted, record_upsert
from huitou.apps.intake.services import events_receive
from huitou.apps.products.services import store_ids_ensure
from huitou.core.periods import BUSINESS_ZONE

_TEXTS = {
    "name": "name", "phone": "phone", "card": "member_card", "openid": "wx_openid", "unionid": "wx_unionid", "email": "email",
    "gender": "gender", "birthday": "birthday", "address": "address",
}  # fmt: skip
_YEARS = range(1970, 2100)
_KNOWN_BY = ("card", "openid", "phone")  # a customer without a number of its own, as the events' mapping names one


class CannotTell(ValueError):
    """The event names nobody, or a moment that no batch would take."""


@transaction.atomic
def customer_tell(*, source_code: str, item: Mapping[str, Any], now: datetime) -> Upserted:
    """
    Keep a `customer` event (docs/api.md) for the next micro-batch and say at once whose record it is, all or nothing.

    The batch finds the record under the same id. Raises CannotTell, and SourceUnknown as `events_receive` does.
    """
    customer = item["customer"]
    record = CustomerRecord(
        source_code=source_code,
        source_id=_source_id(customer),
        texts={name: customer[field] for field, name in _TEXTS.items() if customer.get(field)},
        version_at=_moment(item.get("version") or item["occurred_at"]),
        store_id=store_ids_ensure([item["store"]], now=now)[item["store"]] if item.get("store") else None,
        registered_at=_moment(customer["registered_at"]) if customer.get("registered_at") else None,
    )
    events_receive(source_code=source_code, items=[{**item, "type": "customer"}], now=now)
    return record_upsert(record, now=now)


def _source_id(customer: Mapping[str, Any]) -> str:
    own = str(customer.get("id") or "").strip()
    if own:
        return own
    for kind in _KNOWN_BY:
        value = str(customer.get(kind) or "").strip()
        if value:
            return f"{kind}:{value}"
    raise CannotTell("a customer needs an id, a card, an openid or a phone")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.year not in _YEARS:
        raise CannotTell(f"{text} is no moment of a customer: years from {_YEARS.start} to {_YEARS.stop - 1}")
    return moment if moment.tzinfo else moment.replace(tzinfo=BUSINESS_ZONE)
