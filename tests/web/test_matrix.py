"""
The permission matrix: every address x every role x persons within reach and beyond it.

A refusal must not even begin to write: both databases count every row that a statement touched, rolled back or not. At the end of
each test the whole database is compared with what it was (tests/untouched.py).
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from tests.untouched import state, touched
from tests.web.api.test_api import CALLS, call, key_of
from tests.web.conftest import PHONE, Chain
from tests.web.test_policy import routes

from huitou.apps.accounts.roles import REGION_ROLES, STORE_ROLES, Role
from huitou.apps.gateway import services as gateway
from huitou.apps.products.models import Store
from huitou.web import middleware
from huitou.web.api import access
from huitou.web.api.access import RULES
from huitou.web.policy import POLICY, may_open, role_labels
from huitou.web.words_person import REVEAL_REASONS

pytestmark = [pytest.mark.django_db, pytest.mark.long(120)]
PATTERNS: dict[str, URLPattern] = dict(routes(get_resolver()))
GUARDED = sorted(name for name in PATTERNS if not POLICY[name].is_public and not POLICY[name].checks_itself)
LEAVES = {"accounts:logout"}  # an allowed call would end the session of the test
BOTH = pytest.mark.db_both
# On PostgreSQL two roles are enough for the table: it is the same one for every role and refuses before any statement. The guide
# is refused most, the administrator opens nearly every page there is.
ROLES = [pytest.param(role, marks=BOTH if role in (Role.ADMIN, Role.GUIDE) else ()) for role in Role]
# And one of each kind of reach for the scope: a query gets the viewer's stores, however the role came to them.
KINDS = (Role.GUIDE, Role.REGION_MANAGER)
REACHING = [pytest.param(role, marks=BOTH if role in KINDS else ()) for role in Role if role in STORE_ROLES | REGION_ROLES]
LOOK_UP_COUNTED = 2  # rows: the window of the limit that look-ups by a number have, and its count
NAME, CARD = "王小芳", "6601000"


def address(route: str, person_id: int) -> str:
    """Return an address of the route: the person where it asks for one, 1 or "x" for anything else."""
    pattern = PATTERNS[route].pattern
    given = {name: (1 if "Int" in type(one).__name__ else "phone") for name, one in pattern.converters.items()}
    return reverse(route, kwargs=given | ({"person_id": person_id} if "person_id" in given else {}))


def entered(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def told_without_the_page(_request: HttpRequest, template: str, context: dict[str, list[str]], *, status: int) -> HttpResponse:
    """Stand in for the page of a refusal, which is the same for every address but for the roles it names."""
    assert template == "403.html"
    return HttpResponse("、".join(context["may_open_roles"]), status=status)


@pytest.mark.accept("S239")
@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_the_policy_names_and_every_refusal_leaves_everything_as_it_was(
    chain: Chain, role: Role, monkeypatch: pytest.MonkeyPatch
):
    client = entered(chain.users[role.value])
    before, rows, refused, opened = state(), touched(), 0, 0
    for route in GUARDED:
        if may_open(route, role.value):
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(address(route, chain.person_id), {"active": "0", "field": "phone"})
            assert answer.status_code == 403, (route, method)
            assert any(label in answer.content.decode() for label in role_labels(route)), route  # it says whom to ask
            assert touched() == rows, (route, method)
            refused += 1
        monkeypatch.setattr(middleware, "render", told_without_the_page)  # two thousand whole pages took a minute of a processor
    assert state() == before
    for route in GUARDED:
        if may_open(route, role.value) and route not in LEAVES:
            answer = client.get(address(route, chain.person_id))
            assert answer.status_code in (200, 302, 404, 405), (route, answer.status_code)
            assert "login" not in answer.headers.get("Location", ""), route
            opened += 1
    assert opened >= 4
    assert refused or role == Role.ADMIN


def elsewhere(chain: Chain, role: str) -> Client:
    """Return a client of the role whose stores are others than the person's."""
    user = chain.users[role]
    user.store_ids, user.region_codes = [chain.other_store_id], ["R2"]
    user.save()
    Store.objects.filter(pk=chain.other_store_id).update(region_code="R2")
    return entered(user)


@pytest.mark.accept("S239")
@pytest.mark.parametrize("role", REACHING)
def test_a_person_out_of_reach_is_not_there_and_nothing_is_written(chain: Chain, role: str):
    client, checked = elsewhere(chain, role), 0
    before, rows = state(), touched()
    for route in GUARDED:
        if "person_id" not in PATTERNS[route].pattern.converters or not may_open(route, role):
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(address(route, chain.person_id), {"reason": next(iter(REVEAL_REASONS))})
            refused_in_words = answer.status_code == 200 and "refusal" in (answer.context or {})  # a part of the page says why
            assert answer.status_code in (404, 405) or refused_in_words, (route, method)
            assert PHONE not in answer.content.decode()
            assert touched() == rows, (route, method)
            checked += 1
    assert state() == before
    assert checked >= 4


def lists(client: Client) -> Iterator[tuple[str, str, str]]:
    """Yield (what was asked, term, answer) of every way to look for a person."""
    for term in (PHONE, "2716", NAME, "wxf", CARD):
        for route, field in (("customers:search", "term"), ("system:find", "term")):
            answer = client.post(reverse(route), {field: term, "q": term}, follow=True)
            yield f"{route} {term}", term, answer.content.decode()
    if client.get(reverse("customers:list")).status_code == 200:
        for query in ("", "?f=home_store.eq.{store}", "?f=net_365d.gte.0", "?sort=last_date", "?sort=net_365d"):
            yield f"list {query}", "", client.get(reverse("customers:list") + query).content.decode()


@pytest.mark.accept("S239")
@pytest.mark.parametrize("role", REACHING)
def test_no_way_to_look_for_somebody_finds_a_person_of_another_store(chain: Chain, role: str):
    mine, other = list(lists(entered(chain.users[role]))), list(lists(elsewhere(chain, role)))
    link = f"/customers/{chain.person_id}"
    assert any(link in answer for _asked, _term, answer in mine)  # those in reach are found, so the questions are the right ones
    for asked, term, answer in other:
        shown = re.sub(r'value="[^"]*"', "", answer).replace(term, "") if term else answer
        assert link not in answer, asked
        assert "王*" not in shown, asked
        assert "2716" not in shown, asked


@pytest.mark.db_both
@pytest.mark.accept("S239")
def test_a_phone_out_of_reach_is_answered_like_one_that_nobody_has(chain: Chain):
    client = elsewhere(chain, "guide")
    answers = []
    for phone in (PHONE, "13811112222"):
        text = client.post(reverse("customers:search"), {"term": phone}, follow=True).content.decode()
        answers.append(re.sub(r"(csrf|nonce)[^>]*", "", text).replace(phone, ""))
    assert answers[0] == answers[1]


@pytest.mark.accept("S239")
@pytest.mark.parametrize("role", REACHING)
def test_the_api_of_somebody_elsewhere_finds_nothing_and_writes_nothing(
    client: Client, chain: Chain, role: str, monkeypatch: pytest.MonkeyPatch
):
    elsewhere(chain, role)
    key = key_of(chain.users[role])
    now = access.utc_now() + timedelta(seconds=1)
    monkeypatch.setattr(access, "utc_now", lambda: now)  # a key's last use is noted once a minute,
    for buckets in (access.BUCKETS, access.EVENT_BUCKETS):  # and the first request of a minute takes its share of the limit
        monkeypatch.setattr(buckets, "clock", lambda: now)
    assert gateway.key_holder(key, now=now)
    for operation in RULES:
        if operation in ("attributes_list", "stores_list", "products_list"):
            continue
        before, rows = state(), touched()
        answer = call(client, operation, chain, key)
        text = answer.content.decode()
        if answer.status_code != 200:
            assert answer.status_code in (403, 404, 409, 415, 422), (operation, text)
            counted = LOOK_UP_COUNTED if operation == "customer_standing" else 0
            assert touched() == rows + counted or state() == before, operation
        assert "王" not in text, operation
        assert "2716" not in text.replace(json.dumps(CALLS[operation][2] or ""), ""), operation
        assert f'"person_id": {chain.person_id}' not in text, operation
