"""The backtest page: what the stored run says, only to who sees the whole chain, and why a forecast was not published."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, Chain

from huitou.apps.value.models import ForecastRun


def page(client: Client, chain: Chain, role: str) -> str:
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse("forecast:backtest")).content.decode()


@pytest.mark.accept("S73")
def test_the_page_shows_the_models_the_groups_and_the_chances(client: Client, chain: Chain, forecast_run: ForecastRun):
    said = page(client, chain, "manager")
    for text in ("+4.8", "0.71", "68.4", "78.9", "16,843", "照搬上一期", "没有人买过第二次", "0.882", "+9"):
        assert text in said, text
    assert "历史太短" in said  # the 90-day chance
    assert "没有发布：" not in said


def test_a_refused_forecast_says_why_and_which_one_is_in_use(client: Client, chain: Chain, forecast_run: ForecastRun):
    ForecastRun.objects.create(
        base_number=2, version=2, as_of=NOW.date(), horizon_days=365, refusal="naive", started_at=NOW, ended_at=NOW
    )
    said = page(client, chain, "manager")
    assert "简单的办法误差更小" in said
    assert "客户页上仍是" in said


def test_totals_of_the_chain_are_not_for_who_sees_some_stores(client: Client, chain: Chain, forecast_run: ForecastRun):
    client.force_login(chain.users["store_manager"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("forecast:backtest")).status_code == 403


def test_before_the_first_forecast_the_page_says_so(client: Client, chain: Chain):
    assert "还没有预测" in page(client, chain, "manager")
