"""The card of a comparison: begun, told, ended; nothing for who may not edit segments."""

from dataclasses import asdict

import pytest
from django.urls import reverse
from tests.web.conftest import NOW, Chain, chain
from tests.web.test_clusters import signed_in

from huitou.apps.base.scope import Viewer
from huitou.apps.segments.models import Comparison, Segment
from huitou.apps.segments.services import comparison_count, segment_create
from huitou.core.value.holdout import Uplift

__all__ = ["chain"]
pytestmark = [pytest.mark.django_db]
RULE = {"field": "days_since_purchase", "op": "gt", "value": 60}


@pytest.mark.accept("S76")
def test_a_comparison_is_begun_told_and_ended(chain: Chain):
    segment = segment_create(viewer=Viewer(1, "marketer", None), name="沉睡", rule=RULE, now=NOW)
    marketer = signed_in(chain, "marketer")
    card, act = (reverse(f"segments:{name}", args=[segment.pk]) for name in ("comparison", "compare"))
    assert "没有对照组就不显示提升" in marketer.get(card).content.decode()
    assert marketer.post(act, {"share": "0.3"}).status_code == 404
    marketer.post(act, {"share": "0.1"})
    assert not Comparison.objects.exists()  # no list yet
    Segment.objects.update(refresh_id=1)
    assert marketer.post(act, {"share": "0.1"}).url == reverse("segments:segment", args=[segment.pk])
    page = marketer.get(card).content.decode()
    assert "结束对照" in page
    assert "正在逐个成员计算" in page
    made = comparison_count(comparison_id=Comparison.objects.get().pk, store_ids=None, now=NOW)
    page = marketer.get(card).content.decode()
    assert "结束对照" in page
    assert "正在逐个成员计算" not in page
    assert "每人净消费多了" not in page
    made.uplift = asdict(Uplift(40, 40, 300.4, 200.0, 100.4, 5.0, 205.0))
    made.save()
    page = marketer.get(card).content.decode()
    assert "每人净消费多了" in page
    assert "¥1.00" in page
    marketer.post(act, {"end": "1"})
    assert Comparison.objects.get().ended_at is not None
    for role in ("guide", "store_manager"):
        assert signed_in(chain, role).get(card).status_code == 403
        assert signed_in(chain, role).post(act, {"share": "0.1"}).status_code == 403
