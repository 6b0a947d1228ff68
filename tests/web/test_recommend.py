"""Recommendations on the person page, the backtest page and by the API: reasons shown, kept back at a click, cut to the reach."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.api.test_api import key_of
from tests.web.conftest import NOW, Chain

from huitou.apps.products.models import Category, Product
from huitou.apps.recommend.models import Complement, PersonNext, RecommendRun, Withheld
from huitou.web import formats
from huitou.web.api import access

BACKEND = "django.contrib.auth.backends.ModelBackend"
SCORE = {"recall": 0.2625, "hit": 0.7457, "hit_3": 0.6043}


@pytest.fixture
def goods(chain: Chain, monkeypatch) -> list[Product]:
    monkeypatch.setattr(access, "BUCKETS", access.Buckets())
    kinds = [Category.objects.create(path=name, name=name, level=1) for name in ("酸奶", "面包")]
    names = ("原味酸奶", "果粒酸奶", "全麦面包", "<b>吐司</b>")
    products = [
        Product.objects.create(
            code=f"P{n}", name=name, category=kinds[n // 2], price_fen=1000, cost_fen=700 - 100 * n, updated_at=NOW
        )
        for n, name in enumerate(names)
    ]
    ids = [product.pk for product in products]
    trial = {"persons": 900, "fresh_persons": 800, "again": {"habits": SCORE, "popular": SCORE}, "fresh": {"taste": SCORE}}
    basket = {"baskets": 1000, "hit": 0.158, "popular_hit": 0.13}
    RecommendRun.objects.create(
        base_number=1, version=1, as_of=NOW.date(), trials={"product": trial, "basket": basket}, started_at=NOW, ended_at=NOW
    )
    PersonNext.objects.create(
        person_id=chain.person_id, run_id=1, next_category_id=kinds[0].pk,
        again=json.dumps([[ids[0], 0.62, "due", 7, 12, 11.6], [ids[1], 0.2, "once", 1, 30, None]]),
        fresh=json.dumps([[ids[2], "together", ids[0], 2.31, 0.5], [ids[3], "popular", None, None, None]]),
        categories=json.dumps([[kinds[0].pk, 0.71]]),
    )  # fmt: skip
    Complement.objects.create(run_id=1, product_id=ids[0], other_id=ids[2], log_lift=0.9, share=0.1)
    return products


def signed_in(client: Client, chain: Chain, role: str) -> Client:
    client.force_login(chain.users[role], backend=BACKEND)
    return client


@pytest.mark.accept("S46", "S162")
def test_the_card_gives_reasons_and_keeps_a_category_back_at_a_click(client: Client, chain: Chain, goods: list[Product]):
    agent = signed_in(client, chain, "agent")
    page = reverse("customers:person", args=[chain.person_id])
    said = agent.get(page).content.decode()
    for text in (
        formats.percent_text(0.62, decimals=0),
        "买过 7 次，约 12 天一次，上次 12 天前",
        "买 原味酸奶 的人买它的比例是平均的 2.3 倍",
        formats.percent_text(0.71, decimals=0),
        "&lt;b&gt;吐司",
    ):
        assert text in said, text
    assert "<b>吐司" not in said
    off = reverse("customers:keep_back", args=[chain.person_id, goods[0].category_id])
    assert agent.get(off).status_code == 405
    assert agent.post(off).status_code == 302
    after = agent.get(page).content.decode()
    assert "果粒酸奶" not in after
    assert "全麦面包" in after
    agent.post(reverse("customers:offer_again", args=[chain.person_id, Withheld.objects.get().pk]))
    assert "果粒酸奶" in agent.get(page).content.decode()
    assert agent.post(reverse("customers:keep_back", args=[10**9, goods[0].category_id])).status_code == 404
    assert agent.post(reverse("customers:offer_again", args=[chain.person_id, 10**9])).status_code == 404


def test_who_does_not_reach_the_person_gets_nothing(client: Client, chain: Chain, goods: list[Product]):
    PersonNext.objects.update(person_id=chain.outsider_id)
    guide = signed_in(client, chain, "guide")
    off = reverse("customers:keep_back", args=[chain.outsider_id, goods[0].category_id])
    assert guide.post(off).status_code == 404
    headers = {"Authorization": f"Bearer {key_of(chain.users['guide'])}"}
    assert Client().get(f"/api/v1/customers/{chain.outsider_id}/recommendations", headers=headers).status_code == 404
    assert (
        Client().post("/api/v1/recommendations/basket", {"products": ["P0"]}, "application/json", headers=headers).status_code
        == 403
    )


@pytest.mark.accept("S46", "S164")
def test_the_backtest_page_shows_how_the_lists_did(client: Client, chain: Chain, goods: list[Product]):
    manager = signed_in(client, chain, "manager")
    said = manager.get(reverse("forecast:backtest")).content.decode()
    for text in ("推荐准不准", "采用的：习惯", "最畅销", "60.4", "15.8", "13.0"):
        assert text in said, text
    RecommendRun.objects.create(base_number=2, version=2, as_of=NOW.date(), refusal="naive", started_at=NOW, ended_at=NOW)
    assert "最畅销的商品也一样准" in manager.get(reverse("forecast:backtest")).content.decode()


@pytest.mark.accept("S162", "S164")
def test_the_api_tells_lists_complements_and_what_is_out_of_stock(chain: Chain, goods: list[Product]):
    headers = {"Authorization": f"Bearer {key_of(chain.users['marketer'])}"}
    lists = f"/api/v1/customers/{chain.person_id}/recommendations"
    found = Client().get(lists, headers=headers).json()
    assert found["again"][0] | {"product": "P0", "reason": "due", "times": 7} == found["again"][0]
    assert (found["fresh"][0]["because"], found["categories"][0]["chance"]) == ("P0", 0.71)
    offers = Client().post(
        "/api/v1/recommendations/basket", {"products": ["P0", "none"]}, content_type="application/json", headers=headers
    ).json()  # fmt: skip
    assert offers == {
        "items": [{"product": "P2", "name": "全麦面包", "because": "P0", "lift": 2.46, "margin": 0.5}],
        "unknown": ["none"],
    }
    body = {"products": ["P2", "P9"], "reason": "out_of_stock", "until": "2099-01-01"}
    put = Client().put("/api/v1/recommendations/withheld", body, content_type="application/json", headers=headers)
    assert put.json() == {"withheld": 1, "unknown": ["P9"]}
    assert [one["product"] for one in Client().get(lists, headers=headers).json()["fresh"]] == ["P3"]
