"""The palette finds what a person may see and nothing else; the bell lists what needs a look."""

from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, PHONE, Chain

from huitou.apps.base.models import Job
from huitou.apps.customers.models import Person
from huitou.apps.intake.models import SourceConfig, TouchpointHour
from huitou.apps.products.models import Category, Product
from huitou.warehouse.queries.orders import OrderRow
from huitou.web import palette
from huitou.web.templatetags.parts import search_words

BACKEND = "django.contrib.auth.backends.ModelBackend"


def found(client: Client, chain: Chain, role: str, term: str) -> str:
    client.force_login(chain.users[role], backend=BACKEND)
    return client.post("/find", {"term": term}).content.decode()


@pytest.mark.parametrize("term", [PHONE, PHONE[-4:], "王小芳", "wxf", "WXF"])
def test_a_person_is_found_by_number_tail_name_and_initials(client: Client, chain: Chain, term: str):
    page = found(client, chain, "agent", term)
    assert f'href="/customers/{chain.person_id}"' in page
    assert PHONE not in page.replace(f"「{term}」", "")


def test_a_person_is_found_by_the_number_of_the_card_and_by_its_tail(client: Client, chain: Chain):
    card = f"6601000{chain.person_id:04}"
    for term in (card, f"6601 000 {card[-4:]}", card[-4:]):
        page = found(client, chain, "agent", term)
        assert f'href="/customers/{chain.person_id}"' in page, term
        assert card not in page.replace(f"「{term}」", "")
        assert f"/customers/{chain.person_id}" not in found(client, chain, "analyst", term)
    assert "href" not in found(client, chain, "guide", f"6601000{chain.outsider_id:04}")


def test_an_outsider_of_another_store_is_not_found(client: Client, chain: Chain):
    assert f'href="/customers/{chain.outsider_id}"' in found(client, chain, "marketer", "欧阳华")
    assert "href" not in found(client, chain, "guide", "欧阳华")


def test_what_a_role_may_not_open_is_not_searched_for(client: Client, chain: Chain):
    category = Category.objects.create(path="食品", name="食品", level=1)
    Product.objects.create(code="P100", name="梧桐蜂蜜", category=category, updated_at=NOW)
    assert "P100" in found(client, chain, "analyst", "梧桐")
    assert "/customers/" not in found(client, chain, "analyst", "王小芳")
    assert "P100" not in found(client, chain, "guide", "梧桐")


def test_a_store_leads_to_its_customers_or_to_the_list_of_stores(client: Client, chain: Chain):
    assert f"home_store.eq.{chain.store_id}" in found(client, chain, "marketer", "梧桐")
    assert 'href="/stores"' in found(client, chain, "engineer", "S1")
    assert "北站店" not in found(client, chain, "store_manager", "北站")


def test_a_store_is_found_by_the_first_letters_of_its_pinyin_within_reach(client: Client, chain: Chain):
    assert f"home_store.eq.{chain.store_id}" in found(client, chain, "marketer", "WTL")
    assert "北站店" in found(client, chain, "marketer", "bz")
    assert "北站店" not in found(client, chain, "store_manager", "bz")


def test_a_cashier_is_led_from_an_order_to_its_person_unless_that_person_is_out_of_reach(
    client: Client, chain: Chain, monkeypatch: pytest.MonkeyPatch
):
    reading = SimpleNamespace(cursor=None)
    monkeypatch.setattr(palette, "warehouse", lambda: SimpleNamespace(read=lambda: nullcontext(reading)))
    row = dict.fromkeys(OrderRow.__dataclass_fields__, 0) | {
        "d": NOW.date(),
        "order_no": "NO-2026-1",
        "store_name": "梧桐路店",
    }
    monkeypatch.setattr(palette, "orders_by_number", lambda cursor, *, scope, order_no: [OrderRow(**row | {"record_id": 101})])
    assert f'href="/customers/{chain.person_id}"' in found(client, chain, "cashier", "NO-2026-1")
    Person.objects.filter(pk=chain.person_id).update(home_store_id=chain.other_store_id)
    assert "href" not in found(client, chain, "cashier", "NO-2026-1")


def test_a_blank_or_odd_text_finds_nothing_and_breaks_nothing(client: Client, chain: Chain):
    for term in ("", "   ", "'; drop table", "\u202e<b>", "x" * 5_000, "NO-20260101-1"):
        assert "href" not in found(client, chain, "admin", term)
    assert client.get("/find").status_code == 405


def test_a_page_is_found_by_pinyin_and_its_first_letters():
    assert search_words("隔离区") == "隔离区 geliqu glq"


def test_only_who_may_begin_something_is_offered_it(client: Client, chain: Chain):
    offered = {"marketer": ("/segments/new", "/exports/new"), "agent": ("/exports/new",), "guide": ()}
    for role, addresses in offered.items():
        client.force_login(chain.users[role], backend=BACKEND)
        page = client.get("/account/me")
        begun = {reverse(errand.route) for errand in page.context["palette_errands"]}
        assert begun & {"/segments/new", "/exports/new", "/users/new"} == set(addresses), role
        assert page.content.decode().count('id="errand-') == len(begun)


def test_who_searches_no_customers_is_not_told_to(client: Client, chain: Chain):
    assert "手机" in found(client, chain, "agent", "zzzzz")
    assert "手机" not in found(client, chain, "analyst", "zzzzz")


def test_the_bell_names_failed_work_to_those_it_concerns(client: Client, chain: Chain, monkeypatch: pytest.MonkeyPatch):
    Job.objects.create(name="fold", state="failed", planned_at=NOW, error="x")
    monkeypatch.setattr("huitou.web.pages.frame.utc_now", lambda: NOW)
    client.force_login(chain.users["engineer"], backend=BACKEND)
    assert client.get("/notices").content.decode().count("fold 失败") == 1
    Job.objects.create(name="fold", state="failed", planned_at=NOW - timedelta(hours=1), error="x")
    page = client.get("/notices").content.decode()
    assert (page.count("fold"), "fold 失败 2 次" in page) == (1, True)
    SourceConfig.objects.create(code="app", kind_code="events", title="app", settings=b"", created_at=NOW)
    hour = NOW - timedelta(days=3)
    TouchpointHour.objects.create(source_code="app", code="view", hour=hour, row_count=1, last_at=hour)
    assert "没有声音" in client.get("/notices").content.decode()
    SourceConfig.objects.update(is_enabled=False)
    assert "没有声音" not in client.get("/notices").content.decode()
    client.force_login(chain.users["guide"], backend=BACKEND)
    page = client.get("/notices").content.decode()
    assert "fold" not in page
    assert "没有通知" in page
