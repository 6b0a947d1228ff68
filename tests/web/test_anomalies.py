"""The list of odd days: figure, interval and reason; muted at a click; only one's own stores."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, Chain

from huitou.apps.anomalies.models import Anomaly, AnomalyRun
from huitou.apps.base.clock import utc_now

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.mark.accept("S72")
def test_odd_days_are_listed_with_reasons_muted_and_cut_to_the_reach(client: Client, chain: Chain):
    client.force_login(chain.users["store_manager"], backend=BACKEND)
    page = reverse("anomalies:list")
    assert "还没有看过" in client.get(page).content.decode()
    AnomalyRun.objects.create(version=1, as_of=NOW.date(), started_at=NOW, ended_at=NOW)
    assert "没有异常" in client.get(page).content.decode()
    day = (utc_now() - timedelta(2)).date()
    common = {"day": day, "run_id": 1, "found_at": NOW}
    shut = Anomaly.objects.create(
        kind_code="orders", subject_id=chain.store_id, store_id=chain.store_id, actual=0, expected=400, low=268, high=597,
        away=-59.9, **common,
    )  # fmt: skip
    Anomaly.objects.create(
        kind_code="card_orders",
        subject_id=chain.person_id,
        store_id=chain.store_id,
        actual=60,
        expected=1,
        low=0,
        high=8,
        **common,
    )
    elsewhere = Anomaly.objects.create(
        kind_code="revenue", subject_id=chain.other_store_id, store_id=chain.other_store_id, actual=1, expected=2, low=1, high=3,
        away=5, **common,
    )  # fmt: skip
    said = client.get(page).content.decode()
    for text in ("梧桐路店", "268 – 597", "低 59.9 个离散度", "超过 8 次", f"客户 {chain.person_id}"):
        assert text in said, text
    assert "北站店" not in said
    assert "王小芳" not in said
    assert "268 – 597" in client.get(reverse("stores:store", args=[chain.store_id])).content.decode()
    assert client.post(reverse("anomalies:mute", args=[elsewhere.pk])).status_code == 404
    assert client.post(reverse("anomalies:mute", args=[shut.pk])).status_code == 302
    assert "268 – 597" not in client.get(page).content.decode()
    assert "268 – 597" in client.get(page, {"muted": "1"}).content.decode()
    client.post(reverse("anomalies:unmute", args=[shut.pk]))
    assert "268 – 597" in client.get(page).content.decode()
    client.force_login(chain.users["cashier"], backend=BACKEND)
    assert client.get(page).status_code == 403
