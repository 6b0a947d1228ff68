"""The page of association rules: rules with their figures, thresholds for who may set them, refused numbers, strangers."""

import pytest
from django.urls import reverse
from tests.web.conftest import NOW, Chain, chain
from tests.web.test_clusters import signed_in

from huitou.apps.products.models import Category
from huitou.apps.recommend.models import AssociationLevel, AssociationRule, AssociationRun
from huitou.apps.recommend.rules import thresholds_in_force
from huitou.core.value.associations import Thresholds

__all__ = ["chain"]
pytestmark = [pytest.mark.django_db]
PAGE = reverse("associations:list")


@pytest.fixture
def ruled(chain: Chain) -> Chain:
    bread, milk = (Category.objects.create(path=name, name=name, level=1) for name in ("面包<b>", "鲜奶"))
    run = AssociationRun.objects.create(
        level_code="department", base_number=1, as_of=NOW.date(), support_share=0.05, confidence_share=0.3, lift=1.1,
        baskets=2_000, rules=1, started_at=NOW, ended_at=NOW,
    )  # fmt: skip
    AssociationRule.objects.create(
        run=run, rank=1, left_ids=[bread.pk], right_id=milk.pk, both=150, left_count=300, right_count=500
    )
    return chain


def test_rules_stand_there_with_their_figures(ruled: Chain):
    page = signed_in(ruled, "analyst").get(PAGE, {"level": "department"}).content.decode()
    assert "面包&lt;b&gt;" in page
    for figure in ("2.0 倍", "50.0 %", "7.50 %", "2,000"):
        assert figure in page
    assert "保存门槛" not in page
    empty = signed_in(ruled, "analyst").get(PAGE, {"page": "x"}).content.decode()
    assert "还没有查找过" in empty
    assert signed_in(ruled, "analyst").get(PAGE, {"level": "shelf"}).status_code == 404
    assert signed_in(ruled, "guide").get(PAGE).status_code == 403


def test_thresholds_are_taken_from_who_may(ruled: Chain):
    address = reverse("associations:thresholds", args=["department"])
    marketer = signed_in(ruled, "marketer")
    assert 'value="30"' in marketer.get(PAGE, {"level": "department"}).content.decode()
    assert marketer.post(address, {"support": "0", "confidence": "30", "lift": "1.1"}).status_code == 422
    assert thresholds_in_force(AssociationLevel.DEPARTMENT) == Thresholds(0.05, 0.3, 1.1)
    assert marketer.post(address, {"support": "2.5", "confidence": "40", "lift": "1.5"}).status_code == 302
    assert thresholds_in_force(AssociationLevel.DEPARTMENT) == Thresholds(0.025, 0.4, 1.5)
    assert "正在重新查找" in marketer.get(PAGE, {"level": "department"}).content.decode()
    assert signed_in(ruled, "analyst").post(address, {"support": "3"}).status_code == 403
