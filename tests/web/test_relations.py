"""A person's relations on the page and by the API: named in reach, counted out of it, as of a day too."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.api.test_api import key_of
from tests.web.conftest import NOW, Chain

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.identity.models import PersonIdentifier
from huitou.apps.relations.household import marks_add, ties_settle
from huitou.apps.relations.models import CustomerGroup, GroupStep, Referral
from huitou.web.pages.person_relations import relations_context

pytestmark = [pytest.mark.django_db, pytest.mark.accept("S38")]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def related(chain: Chain) -> tuple[Chain, int]:
    """The person shares a phone with a neighbour of the own store, was referred by the outsider, and all are in one group."""
    neighbour = Person.objects.exclude(pk__in=[chain.person_id, chain.outsider_id]).get().pk
    everybody = (chain.person_id, neighbour, chain.outsider_id)
    for person_id in everybody[:2]:
        PersonIdentifier.objects.create(person_id=person_id, kind_code="phone", value_hash=77, verified=False)
    marks_add([77])
    ties_settle(now=NOW)
    Referral.objects.create(
        source_code="files", pair_no="1", person_id=chain.person_id, referrer_id=chain.outsider_id, said_at=NOW, is_current=True
    )
    group = CustomerGroup.objects.create(source_code="files", code="G1", title="福利群", guide="小周")
    for at, person_id in enumerate(everybody):
        GroupStep.objects.create(pk=at + 1, group=group, record_id=at + 1, person_id=person_id, is_join=True, at=NOW)
    return chain, neighbour


def page(client: Client, chain: Chain, role: str) -> str:
    client.force_login(chain.users[role], backend=BACKEND)
    return client.get(reverse("customers:person", args=[chain.person_id])).content.decode()


def test_the_card_names_who_is_in_reach_and_counts_the_others(client: Client, related: tuple[Chain, int]) -> None:
    chain, neighbour = related
    shown = page(client, chain, "store_manager")
    assert "共用手机号" in shown
    assert shown.count(f'href="{reverse("customers:person", args=[neighbour])}"') == 2  # of the household and of the group
    assert reverse("customers:person", args=[chain.outsider_id]) not in shown
    assert "1 人不在你的范围内" in shown
    assert "福利群" in shown
    assert "小周" in shown


def test_a_large_group_leads_to_the_list_of_its_members(client: Client, related: tuple[Chain, int]) -> None:
    chain, _neighbour = related
    group = CustomerGroup.objects.get()
    for at in range(6):
        person_id = Person.objects.create(home_store_id=chain.store_id, created_at=NOW, updated_at=NOW).pk
        GroupStep.objects.create(pk=10 + at, group=group, record_id=10 + at, person_id=person_id, is_join=True, at=NOW)
    shown = page(client, chain, "store_manager")
    (address,) = re.findall(r'href="(/customers\?f=[^"]+)">\s*另有', shown)
    listed = client.get(html.unescape(address)).content.decode()
    assert reverse("customers:person", args=[_neighbour]) in listed
    assert "8" in listed
    assert reverse("customers:person", args=[chain.outsider_id]) not in listed


def test_headquarters_sees_everybody_with_masked_names(client: Client, related: tuple[Chain, int]) -> None:
    chain, _neighbour = related
    shown = page(client, chain, "marketer")
    assert shown.count(f'href="{reverse("customers:person", args=[chain.outsider_id])}"') == 2
    assert "文件导入" in shown
    assert "欧阳华" not in shown


def test_a_stranger_has_no_card(related: tuple[Chain, int]) -> None:
    chain, _neighbour = related
    assert relations_context(Viewer(1, "guide", frozenset({chain.other_store_id})), chain.person_id) == {"relations": ()}


def test_the_api_answers_for_the_own_store_and_as_of_a_day(client: Client, related: tuple[Chain, int]) -> None:
    chain, neighbour = related
    headers = {"Authorization": f"Bearer {key_of(chain.users['guide'])}"}
    address = f"/api/v1/customers/{chain.person_id}/relations"
    told = client.get(address, headers=headers).json()
    assert [(one["id"], one["shared"]) for one in told["household"]["items"]] == [(neighbour, ["phone"])]
    assert told["referrers"] == {"items": [], "more": 0, "hidden": 1}
    assert told["groups"][0]["others"]["hidden"] == 1
    before = client.get(address, {"as_of": (NOW - timedelta(days=2)).date().isoformat()}, headers=headers).json()
    assert (before["household"]["items"], before["referrers"]["hidden"], before["groups"]) == ([], 0, [])
    assert client.get(f"/api/v1/customers/{chain.outsider_id}/relations", headers=headers).status_code == 404
    assert client.get(address, {"as_of": "3000-01-01"}, headers=headers).status_code == 422
