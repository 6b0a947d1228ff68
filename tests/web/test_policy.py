"""Every address is closed unless the policy table opens it."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from huitou.apps.accounts.roles import Role
from huitou.web.navigation import FOOT, GROUPS, LANDING, LANDING_DEFAULT, landing_route
from huitou.web.policy import POLICY, may_open


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        else:
            yield f"{prefix}{entry.name}", entry


ROUTES = sorted({name for name, _pattern in routes(get_resolver())})


def address(route: str) -> str:
    """Return an address of the route, with 1 or "x" for every argument."""
    for arguments in ([], [1], ["x"], [1, 1], ["x", "x"], [1, "x"]):
        try:
            return reverse(route, args=arguments)
        except NoReverseMatch:
            continue
    raise AssertionError(f"no address for {route}")


def test_every_route_has_a_policy_and_every_policy_a_route():
    assert set(ROUTES) == set(POLICY)


@pytest.mark.django_db
@pytest.mark.parametrize("route", [name for name in ROUTES if not POLICY[name].is_public and not POLICY[name].checks_itself])
def test_a_stranger_is_sent_to_the_log_in(client: Client, route: str):
    for call in (client.get, client.post):
        answer = call(address(route))
        assert answer.status_code == 302, route
        assert answer["Location"].startswith(reverse("accounts:login")), route


@pytest.mark.django_db
def test_a_part_of_a_page_sends_a_stranger_to_the_log_in_as_a_whole(client: Client):
    answer = client.get(reverse("accounts:me"), headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"].startswith(reverse("accounts:login"))


@pytest.mark.parametrize("role", list(Role))
def test_every_role_lands_on_a_page_it_may_open(role: Role):
    assert may_open(landing_route(role), role)


def test_the_menu_and_the_landing_pages_name_real_routes():
    areas = [area for _title, group in GROUPS for area in group] + list(FOOT)
    for route in [area.route for area in areas] + [*LANDING.values(), LANDING_DEFAULT]:
        assert route in POLICY
        assert reverse(route)
