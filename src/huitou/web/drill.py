"""Addresses of the rows behind a number: a list with the filter carried along, for those who may open it."""

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from huitou.core.filters.tree import All, Condition, Node, Operator
from huitou.core.filters.url_form import to_url
from huitou.core.periods import Period
from huitou.core.value.lifecycle import DORMANT_DAYS
from huitou.web.policy import may_open

DORMANT_MEMBERS = (Condition("is_member", Operator.EQ, True), Condition("days_since_purchase", Operator.GTE, DORMANT_DAYS))


def customers_url(role_code: str, *conditions: Condition) -> str:
    """Return the address of the customers who meet all conditions; empty for a role that has no customer list."""
    return _list_url("customers:list", role_code, conditions)


def orders_url(role_code: str, *conditions: Condition) -> str:
    """Return the address of the orders that meet all conditions; empty for a role that has no list of orders."""
    return _list_url("orders:list", role_code, conditions)


def products_url(role_code: str, *conditions: Condition) -> str:
    """Return the address of the products that meet all conditions; empty for a role that has no list of products."""
    return _list_url("products:products", role_code, conditions)


def segment_url(role_code: str, rule: Node) -> str:
    """Return the address of the segment builder with a rule filled in; empty for a role that builds no segments."""
    return f"{reverse('segments:new')}?{urlencode({'f': to_url(rule)})}" if may_open("segments:new", role_code) else ""


def sold_in(period: Period) -> tuple[Condition, ...]:
    """Return the conditions of the orders that a window's revenue is made of: sold in it; returns are netted in."""
    return (Condition("date", Operator.BETWEEN, (period.start, period.end - timedelta(days=1))),)


def route_url(role_code: str, route: str, *arguments: int) -> str:
    """Return the address of a page; empty for a role that may not open it."""
    return reverse(route, args=arguments) if may_open(route, role_code) else ""


def _list_url(route: str, role_code: str, conditions: tuple[Condition, ...]) -> str:
    if not may_open(route, role_code):
        return ""
    asked = conditions[0] if len(conditions) == 1 else All(conditions)
    return f"{reverse(route)}?{urlencode({'f': to_url(asked)})}" if conditions else reverse(route)
