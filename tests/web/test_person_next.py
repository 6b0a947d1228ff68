"""The next steps of a person and the forecast card: which rule speaks, in what order, and what is not said."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, Chain

from huitou.apps.privacy.consent import ConsentEntry, ConsentFile
from huitou.apps.service.queries import TicketRow
from huitou.apps.value.models import ForecastRun, PersonForecast
from huitou.core.consent import Answer
from huitou.web.pages.person_next import About, next_steps

TODAY = date(2026, 11, 22)


def _about(**values: object) -> About:
    nothing = {"tickets": [], "consents": ConsentFile((), {}), "forecast": None, "days_to_dormant": None, "gap": ""}
    return About(**{"today": TODAY, "may_consent": False, "is_barred": False, "missing": [], **nothing, **values})


def _forecast(**values: object) -> PersonForecast:
    known = {"purchases": 17.0, "low": 2, "high": 27, "value_fen": 210_800, "alive": 0.98, "buys_30d": 0.72, "lapses_90d": 0.24}
    return PersonForecast(**{"run_id": 1, "cycle_days": 13.8, "next_date": TODAY + timedelta(days=9), **known, **values})


def _agreed(channel: str, answer: Answer) -> ConsentFile:
    entry = ConsentEntry(channel, "marketing", answer, "counter", "", NOW, NOW, None, 1)
    return ConsentFile((entry,), {(channel, "marketing"): entry})


def _ticket(status: str) -> TicketRow:
    return TicketRow(1, "aftersales", "T1", 1, "", None, None, "complaint", status, NOW, NOW)


@pytest.mark.parametrize(
    ("values", "title", "reason"),
    [
        ({"tickets": [_ticket("open")], "gap": "再消费 ¥320 到核心"}, "先处理 1 张工单", "投诉"),
        ({"days_to_dormant": 27}, "联系一次", "没有渠道同意营销"),
        ({"days_to_dormant": 27, "consents": _agreed("sms", Answer.GRANTED)}, "联系一次", "营销可用：短信"),
        ({"days_to_dormant": 27, "consents": _agreed("sms", Answer.WITHDRAWN)}, "联系一次", "没有渠道同意营销"),
        ({"forecast": _forecast(lapses_90d=0.5)}, "问候一次", "50"),
        ({"forecast": _forecast(lapses_90d=0.49)}, "预计 2026-12-01 前后会来", "14 天"),
        ({"forecast": _forecast(next_date=TODAY - timedelta(days=1), lapses_90d=0.1), "missing": ["生日"]}, "补齐资料", "生日"),
        ({"gap": "再消费 ¥320 到核心"}, "离下一等级", "¥320"),
        ({"may_consent": True}, "问营销同意", "没问过不等于同意"),
    ],
)
def test_the_first_rule_that_applies_speaks_first(values, title: str, reason: str):
    first = next_steps(_about(**values))[0]
    assert title in first.title
    assert reason in first.reason


def test_nothing_that_reaches_out_is_proposed_for_a_child():
    values = {"days_to_dormant": 27, "may_consent": True, "gap": "再消费", "missing": ["生日"], "tickets": [_ticket("open")]}
    assert [step.title for step in next_steps(_about(is_barred=True, **values))] == ["先处理 1 张工单，再谈别的", "补齐资料"]


def test_a_closed_ticket_and_a_full_file_ask_for_nothing():
    assert next_steps(_about(tickets=[_ticket("closed")])) == []


def test_the_forecast_is_the_product_that_the_card_shows(client: Client, chain: Chain):
    run = ForecastRun.objects.create(
        base_number=1, version=1, as_of=TODAY, horizon_days=365, blend=["mbgnbd"], started_at=NOW, ended_at=NOW
    )
    row = _forecast()
    row.person_id, row.run_id = chain.person_id, run.pk
    row.save(force_insert=True)
    client.force_login(chain.users["guide"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("customers:person", args=[chain.person_id]))
    card = page.context["forecast"]
    assert card.each_fen * row.purchases == pytest.approx(row.value_fen, rel=1e-3)
    text = page.content.decode()
    for shown in ("¥2,108", "80 % 区间 2–27 单", "2026-12-01", "MBG/NBD"):
        assert shown in text
    other = client.get(reverse("customers:person", args=[chain.person_id + 2]))
    assert other.context["forecast"] is None
    assert "下一次预测才有" in other.content.decode()
