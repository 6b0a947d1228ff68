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


def test_ordering_and_capture_are_judged_against_last_times_figures(client: Client, chain: Chain, forecast_run: ForecastRun):
    said = page(client, chain, "manager")
    assert said.count("不如照搬") == 2  # the same figures as the naive row: no better
    rows = [row | {"spend": row["spend"] | {"rank": 0.62, "top": 0.602}} if row["model"] == "naive_last" else row
            for row in forecast_run.backtest["rows"]]  # fmt: skip
    forecast_run.backtest |= {"rows": rows}
    forecast_run.save()
    said = page(client, chain, "manager")
    assert (said.count("好于照搬"), "上限 7" in said) == (2, False)  # a run of an earlier release tells no ceiling
    forecast_run.backtest |= {"top_most": 0.759}
    forecast_run.save()
    said = page(client, chain, "manager")
    assert "上限 75.9" in said
    assert said.count("好于照搬") == 1


def test_a_refused_forecast_says_why_and_which_one_is_in_use(client: Client, chain: Chain, forecast_run: ForecastRun):
    ForecastRun.objects.create(
        base_number=2, version=2, as_of=NOW.date(), horizon_days=365, refusal="naive", started_at=NOW, ended_at=NOW
    )
    said = page(client, chain, "manager")
    assert "简单的办法误差更小" in said
    assert "客户页上仍是" in said


def test_another_horizon_is_an_address_and_says_that_persons_have_the_other_one(
    client: Client, chain: Chain, forecast_run: ForecastRun
):
    assert "?days=30" not in page(client, chain, "manager")
    month = {**forecast_run.backtest, "tested_days": 30, "cutoff": "2026-10-01", "customers": 15_004}
    ForecastRun.objects.create(
        base_number=1, version=1, as_of=NOW.date(), horizon_days=30, blend=["recent"], backtest=month, persons=17_000,
        purchases=1.0, value_fen=100, started_at=NOW, ended_at=NOW,
    )  # fmt: skip
    both = page(client, chain, "manager")
    assert '<a href="?days=365" aria-current="true">365 天</a>' in both
    assert "16,843" in both
    client.force_login(chain.users["manager"], backend="django.contrib.auth.backends.ModelBackend")
    said = client.get(reverse("forecast:backtest"), {"days": "30"}).content.decode()
    assert '<a href="?days=30" aria-current="true">30 天</a>' in said
    for text in ("15,004", "客户页和等级用 365 天的预测", "只作回测", "截至"):
        assert text in said, text
    for odd in ("7", "x", "", "9" * 30):
        assert "16,843" in client.get(reverse("forecast:backtest"), {"days": odd}).content.decode()


def test_totals_of_the_chain_are_not_for_who_sees_some_stores(client: Client, chain: Chain, forecast_run: ForecastRun):
    client.force_login(chain.users["store_manager"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("forecast:backtest")).status_code == 403


def test_before_the_first_forecast_the_page_says_so(client: Client, chain: Chain):
    assert "还没有预测" in page(client, chain, "manager")
