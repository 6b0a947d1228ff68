"""The value page: tiers that add up to all buyers, the reach of its reader, and a sentence where there is nobody."""

from datetime import date

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import AS_OF, Document, Line, days_before
from tests.warehouse.chain import Chain as Store
from tests.web.conftest import Chain

from huitou.core.value.rfm import Purchases, rfm
from huitou.core.value.tiers import PYRAMID
from huitou.warehouse.layout import Layout
from huitou.warehouse.queries.buyers import buyers
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN, Scope
from huitou.web.pages.value import tier_sums


def test_tiers_add_up_to_all_buyers_and_all_revenue():
    ids = np.arange(1, 101, dtype=np.int64)
    scores = rfm(Purchases(ids, 101 - ids, ids, ids * 100), as_of=date(2026, 11, 21))
    assert scores is not None
    sums = tier_sums(scores, PYRAMID)
    assert [(row.code, row.persons) for row in sums] == [("DIAMOND", 2), ("CORE", 18), ("POTENTIAL", 30), ("BASIC", 50)]
    assert sum(row.net_fen for row in sums) == 505_000
    assert sums[0].net_fen == 19_900
    assert sums[0].mean_fen == 9_950
    assert sum(row.revenue_share for row in sums) == pytest.approx(1)


def test_a_tier_too_small_for_anybody_has_no_mean():
    scores = rfm(Purchases(*(np.array([1], dtype=np.int64),) * 4), as_of=date(2026, 11, 21))
    assert scores is not None
    first = tier_sums(scores, PYRAMID)[0]
    assert (first.persons, first.mean_fen) == (0, None)


def test_buyers_are_those_of_the_window_in_scope(layout: Layout):
    store = Store(layout)
    store.land(
        [
            Document(1, days_before(3), (Line(1, 700),), record_id=5, store_id=1),
            Document(2, days_before(364), (Line(1, 300),), record_id=6, store_id=2),
            Document(3, days_before(365), (Line(1, 900),), record_id=7, store_id=2),
        ]
    )
    store.publish(1, {5: 50, 6: 60, 7: 70})
    with Warehouse(store.layout).read() as reading:
        everybody = buyers(reading.cursor, scope=CHAIN, as_of=AS_OF)
        second = buyers(reading.cursor, scope=Scope((2,)), as_of=AS_OF)
        stranger = buyers(reading.cursor, scope=Scope(()), as_of=AS_OF)
    assert everybody.person_ids.tolist() == [50, 60]
    assert everybody.recency_days.tolist() == [3, 364]
    assert everybody.net_fen.tolist() == [700, 300]
    assert second.person_ids.tolist() == [60]
    assert stranger.person_ids.tolist() == []


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "还没有可以排名的客户"), ("en", "Nobody to rank yet")])
def test_without_a_build_the_page_says_so(client: Client, chain: Chain, language: str, said: str):
    type(chain.users["manager"]).objects.update(language=language)
    client.force_login(chain.users["manager"], backend="django.contrib.auth.backends.ModelBackend")
    assert said in client.get(reverse("value:value")).content.decode()


def test_a_guide_may_not_open_the_page(client: Client, chain: Chain):
    client.force_login(chain.users["guide"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("value:value")).status_code == 403
