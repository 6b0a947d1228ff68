"""The first pages as their readers get them: what is shown, what is masked, who sees nothing."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import PHONE, SOURCES, Chain

from huitou.apps.base.models import AuditEvent
from huitou.apps.privacy.models import AccessEntry


@pytest.fixture
def enter(client: Client, chain: Chain):
    def _enter(role: str) -> Client:
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


def test_the_list_shows_masked_people_with_their_facts(enter, chain: Chain):
    page = enter("marketer").get(reverse("customers:list")).content.decode()
    assert "王*芳" in page
    assert "138****2716" in page
    assert PHONE not in page
    assert "2,684.00" in page
    assert "梧桐路店" in page
    assert "活跃" in page


@pytest.mark.db_both
def test_a_guide_sees_only_the_own_store(enter, chain: Chain):
    client = enter("guide")
    page = client.get(reverse("customers:list")).content.decode()
    assert "王小芳" in page
    assert "欧阳" not in page
    for route in ("customers:person", "customers:timeline"):
        assert client.get(reverse(route, args=[chain.person_id])).status_code == 200
        assert client.get(reverse(route, args=[chain.outsider_id])).status_code == 404
    found = client.post(reverse("customers:search"), {"term": "13700009064"})
    assert found.status_code == 200
    assert "没有找到" in found.content.decode()


def test_filters_and_order_live_in_the_address(enter, chain: Chain):
    client = enter("marketer")
    page = client.get(reverse("customers:list"), {"f": "net_365d.gte.500000", "sort": "-net_365d"})
    assert [line.row_id for line in page.context["lines"]] == [chain.outsider_id]
    assert "¥5,000.00" in page.content.decode()


def test_an_empty_result_says_which_condition_to_drop(enter, chain: Chain):
    page = enter("marketer").get(reverse("customers:list"), {"f": "net_365d.gte.99999900,is_member.eq.1"}).content.decode()
    assert "没有符合条件的行" in page
    assert "会有 3 人" in page


def test_a_full_phone_leads_straight_to_the_person_and_stays_out_of_the_address(enter, chain: Chain):
    answer = enter("agent").post(reverse("customers:search"), {"term": PHONE})
    assert answer["Location"] == reverse("customers:person", args=[chain.person_id])


@pytest.mark.accept("S2")
def test_the_person_page_lists_the_records_of_four_systems(enter, chain: Chain):
    page = enter("marketer").get(reverse("customers:person", args=[chain.person_id]))
    assert [record.source_code for record in page.context["records"]] == list(SOURCES)
    text = page.content.decode()
    for shown in ("商城", "POS", "会员", "售后", "接收 2026-11-22", "4 条合成 1 人"):
        assert shown in text
    assert PHONE not in text


@pytest.mark.db_both
def test_a_masked_value_is_shown_once_for_a_reason_and_written_down(enter, chain: Chain):
    client = enter("agent")
    address = reverse("customers:reveal", args=[chain.person_id, "phone"])
    assert PHONE not in client.post(address).content.decode()
    assert not AuditEvent.objects.filter(action_code="customers.reveal").exists()
    shown = client.post(address, {"reason": "contact"}).content.decode()
    assert PHONE in shown
    assert "已记录" in shown
    event = AuditEvent.objects.get(action_code="customers.reveal")
    assert (event.user_id, event.subject_id) == (chain.users["agent"].pk, str(chain.person_id))
    assert PHONE not in str(event.detail)


@pytest.mark.db_both
def test_a_marketer_may_not_reveal_and_an_outsider_is_not_found(enter, chain: Chain):
    refused = enter("marketer").post(reverse("customers:reveal", args=[chain.person_id, "phone"]), {"reason": "contact"})
    assert PHONE not in refused.content.decode()
    hidden = enter("guide").post(reverse("customers:reveal", args=[chain.outsider_id, "phone"]), {"reason": "contact"})
    assert hidden.status_code == 404


@pytest.mark.parametrize(
    ("role", "route"),
    [
        ("engineer", "data:data"),
        ("engineer", "data:quarantine"),
        ("analyst", "data:data"),
        ("engineer", "builds:builds"),
        ("engineer", "builds:jobs"),
        ("manager", "products:stores"),
        ("marketer", "products:products"),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_page_of_a_fresh_installation_opens_in_both_languages(enter, chain: Chain, role: str, route: str, language: str):
    type(chain.users[role]).objects.update(language=language)
    page = enter(role).get(reverse(route))
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.content.decode() or route == "builds:jobs"


def test_a_page_without_a_policy_of_inline_code_is_what_every_page_is(enter, chain: Chain):
    client = enter("admin")
    for route in ("customers:list", "data:data", "builds:builds", "accounts:me", "products:stores"):
        page = client.get(reverse(route))
        policy = page["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert " style=" not in page.content.decode()
        assert "<script>" not in page.content.decode()


@pytest.mark.db_both
@pytest.mark.accept("S236")
def test_every_answer_that_shows_people_leaves_one_entry_with_their_ids(enter, chain: Chain):
    client = enter("guide")
    client.get(reverse("customers:list"))
    client.post(reverse("customers:search"), {"term": "2716"})
    client.get(reverse("customers:person", args=[chain.person_id]))
    client.get(reverse("customers:person", args=[chain.outsider_id]))
    client.get(reverse("accounts:me"))
    entries = AccessEntry.objects.order_by("pk").values_list("user_id", "route_code", "person_ids")
    user, own = chain.users["guide"].pk, [chain.person_id, chain.person_id + 2]
    one = [chain.person_id]
    assert list(entries) == [
        (user, "customers:list", own), (user, "customers:search", one), (user, "customers:person", one),
    ]  # fmt: skip
