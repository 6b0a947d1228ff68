"""What several routers need: the documented refusals, the published version, plain forms of rows."""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path

from huitou.apps.base.storage import warehouse
from huitou.apps.customers.models import PersonFacts
from huitou.apps.customers.queries import PersonField
from huitou.warehouse.queries.orders import OrderKey, OrderRow
from huitou.warehouse.reader import NothingPublished, Reading
from huitou.web.api.access import Caller
from huitou.web.api.problems import Problem, ProblemSchema
from huitou.web.api.schemas.customers import FactsOut, FieldOut
from huitou.web.api.schemas.orders import OrderOut

REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 422, 429), ProblemSchema)
LARGEST_PAGE = 200
PersonId = Annotated[int, Path(ge=1, le=2**53 - 1)]


def answers(shape: Any, *, status: int = 200) -> dict[int, Any]:
    """Return what an operation may answer: its own shape and every refusal."""
    return {status: shape, **REFUSALS}


def caller_of(request: HttpRequest) -> Caller:
    """Return who the guard let in."""
    caller = getattr(request, "auth", None)
    if not isinstance(caller, Caller):
        raise TypeError("an operation without a guard was reached")
    return caller


@contextmanager
def published() -> Iterator[Reading]:
    """Read the published version. Raises Problem 409 before the first build."""
    try:
        with warehouse().read() as reading:
            yield reading
    except NothingPublished as error:
        raise Problem(409, "nothing has been built yet", retry_after=60) from error


def fields_out(fields: dict[str, PersonField]) -> dict[str, FieldOut]:
    """Return the shown fields of a file."""
    return {
        name: FieldOut(text=field.text, is_masked=field.is_masked, source=field.source_code, observed_at=field.observed_at)
        for name, field in fields.items()
    }


def facts_out(facts: PersonFacts | None) -> FactsOut | None:
    """Return the published facts, None before the first publish of a person."""
    if facts is None:
        return None
    return FactsOut(
        first_date=facts.first_date, last_date=facts.last_date, orders=facts.orders_count, orders_365d=facts.orders_365d,
        net_fen=facts.net_fen, net_365d_fen=facts.net_365d_fen, points=facts.points_balance,
    )  # fmt: skip


def order_out(row: OrderRow) -> OrderOut:
    """Return an order as the API shows it."""
    return OrderOut(
        id=row.net_order_id, order_no=row.order_no, business_date=row.d, sold_at=row.sold_at, store_id=row.store_id,
        channel="online" if row.channel else "store", gross_fen=row.gross_fen, refund_fen=row.refund_fen, net_fen=row.net_fen,
        discount_fen=row.discount_fen, lines=row.lines_count,
    )  # fmt: skip


def cursor_text(key: OrderKey) -> str:
    """Write the place where a page of orders ended."""
    return base64.urlsafe_b64encode(f"{key.sold_at.isoformat()}~{key.net_order_id}".encode()).decode()


def cursor_key(text: str) -> OrderKey | None:
    """Read such a place; None for "". Raises Problem 400."""
    if not text:
        return None
    try:
        moment, _tilde, number = base64.b64decode(text.encode(), altchars=b"-_", validate=True).decode().partition("~")
        sold_at, order_id = datetime.fromisoformat(moment), int(number)
    except (ValueError, binascii.Error) as error:
        raise Problem(400, "this cursor was not given out by this list") from error
    if sold_at.tzinfo is None or not -(2**63) <= order_id < 2**63 or not 2 <= sold_at.year <= 9998:
        raise Problem(400, "this cursor was not given out by this list")
    return OrderKey(sold_at, order_id)
