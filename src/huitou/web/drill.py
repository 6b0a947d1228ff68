"""Addresses of the rows behind a number: the customer list with the filter carried along, for those who may open it."""

from urllib.parse import urlencode

from django.urls import reverse

from huitou.core.filters.tree import All, Condition
from huitou.core.filters.url_form import to_url
from huitou.web.policy import may_open


def customers_url(role_code: str, *conditions: Condition) -> str:
    """Return the address of the customers who meet all conditions; empty for a role that has no customer list."""
    if not may_open("customers:list", role_code):
        return ""
    asked = conditions[0] if len(conditions) == 1 else All(conditions)
    return f"{reverse('customers:list')}?{urlencode({'f': to_url(asked)})}" if conditions else reverse("customers:list")


def route_url(role_code: str, route: str) -> str:
    """Return the address of a page without arguments; empty for a role that may not open it."""
    return reverse(route) if may_open(route, role_code) else ""
