"""The list of stores and the way along it."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, Chain

from huitou.apps.products.models import Store

LIST, PLACE = reverse("products:stores"), reverse("lists:place", args=["store"])


@pytest.fixture
def enter(client: Client, chain: Chain):
    for code, area_m2 in (("S3", 300), ("S4", None), ("S5", 300), ("S6", None)):
        Store.objects.create(code=code, name=f"{code} 店", region_code="N", region_name="北区", area_m2=area_m2, updated_at=NOW)

    def _enter(role: str) -> Client:
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


@pytest.mark.parametrize("asked", [{}, {"sort": "-area_m2"}, {"sort": "area_m2"}, {"sort": "-id", "f": "area_m2.missing"}])
def test_a_store_opened_from_a_list_leads_on_in_it(enter, asked: dict[str, str]):
    """Ties and stores without a value included."""
    client = enter("manager")
    addresses = [line.head.href for line in client.get(LIST, asked).context["lines"]]
    around = [client.get(f"{PLACE}?{one.partition('?')[2]}").context for one in addresses]
    assert len(addresses) > 3
    assert [one["next_url"] for one in around] == [*addresses[1:], ""]
    assert [one["previous_url"] for one in around] == ["", *addresses[:-1]]
    assert {one["is_in"] for one in around} == {True}
    assert f'data-walk="{PLACE}"' in client.get(addresses[0]).content.decode()


def test_who_stands_for_one_store_is_led_to_no_other(enter, chain: Chain):
    lines = enter("manager").get(LIST, {"sort": "id"}).context["lines"]
    theirs = next(line.head.href for line in lines if line.row_id == chain.other_store_id)
    own = reverse("stores:store", args=[chain.store_id])
    told = enter("store_manager").get(f"{PLACE}?{theirs.partition('?')[2]}").context
    assert (told["is_in"], told["where"]) == (False, "共 1 家")
    assert {told[way].partition("?")[0] for way in ("previous_url", "next_url")} == {own, ""}
    assert enter("agent").get(f"{PLACE}?{theirs.partition('?')[2]}").status_code == 403


def test_who_may_not_open_stores_has_a_list_without_links(enter):
    assert {line.head.href for line in enter("engineer").get(LIST).context["lines"]} == {""}


def test_ticked_stores_are_taken_as_a_file_and_nobody_elses(enter, chain: Chain):
    export = reverse("lists:export", args=["store"])
    page = enter("manager").get(LIST).content.decode()
    assert f'name="ids" value="{chain.store_id}"' in page
    assert f'formaction="{export}"' in page
    for role, found in (("manager", {chain.store_id, chain.other_store_id}), ("store_manager", {chain.store_id})):
        answer = enter(role).post(export, {"next": LIST, "ids": [chain.store_id, chain.other_store_id]})
        _head, *rows, last = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
        assert {int(row[0]) for row in rows} == found, role
        assert last == [f"# {len(found)} rows"]
