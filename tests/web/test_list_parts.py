"""What the count of the customer list is made of, and the interval beside every forecast in its rows."""

import csv
import io
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.apps.customers.people import person_of
from tests.web.conftest import NOW, Chain

from huitou.apps.base.listing import Count
from huitou.apps.base.walked_listing import Matching
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.value.gather import FORECAST, WINDOW
from huitou.apps.value.models import ForecastRun, PersonForecast, PersonValue, ValueRun
from huitou.web.lists import customer_parts

LIST, PARTS = reverse("customers:list"), reverse("lists:parts", args=["customer"])


def told(client: Client, **asked: object) -> tuple[str, list[tuple[str, int]]]:
    """The share of members, and (tier, persons) by the order shown."""
    context = client.get(PARTS, asked).context
    return (context["share"] or {}).get("text", ""), [(link.part.label, link.part.count) for link in context["links"]]


def test_the_page_asks_for_the_parts_of_its_own_filter_once_its_rows_stand(enter):
    page = enter("marketer").get(LIST, {"f": "sources.gte.1"}).content.decode()
    assert f'hx-get="{PARTS}?f=sources.gte.1&amp;count=3"' in page
    assert PARTS not in enter("marketer").get(LIST, {"f": "sources.gte.99"}).content.decode()


@pytest.mark.accept("S65")
def test_tiers_add_up_to_the_count_and_lead_to_their_persons(enter, valued: Chain):
    client = enter("marketer")
    assert told(client, count=3) == ("", [("钻石", 1), ("基础", 1), ("没有等级", 1)])
    links = client.get(PARTS, {"f": "sources.gte.1", "count": 3}).context["links"]
    found = [[line.row_id for line in client.get(link.url).context["lines"]] for link in links]
    assert found == [[valued.person_id], [valued.outsider_id], [valued.person_id + 2]]
    assert all("sources.gte.1" in link.url for link in links)
    assert told(client, f="sources.gte.4", count=1) == ("33.3\u00a0%", [("钻石", 1)])
    assert "◆" not in client.get(PARTS, {"count": 3}).content.decode()  # the shape is drawn, the word written
    assert "ht-shape" in client.get(PARTS, {"count": 3}).content.decode()
    assert "价值金字塔" in client.get(PARTS, {"count": 3}).content.decode()  # which scheme the tiers are of


@pytest.mark.parametrize(
    ("most", "asks", "is_kept"),
    [
        (0, "orders.gte.1", True),
        (0, "tier_pyramid.present", True),
        (0, "not(stage.eq.dormant)", True),
        (0, "sources.gte.1", False),
        (50_000, "orders.gte.1", False),
    ],
)
def test_a_count_among_many_is_kept_where_it_changes_with_a_version_or_run_alone(
    enter, valued: Chain, monkeypatch: pytest.MonkeyPatch, most: int, asks: str, is_kept: bool
):
    monkeypatch.setattr(customer_parts, "_MANY", most)
    numbers = range(1_001, 1_061)  # two pages: one page alone tells its count
    many = [
        person_of(number, store_id=valued.store_id, first_date=NOW.date(), last_date=NOW.date(), orders_count=1)
        for number in numbers
    ]
    Person.objects.bulk_create(person for person, _facts in many)
    PersonFacts.objects.bulk_create(facts for _person, facts in many)
    PersonValue.objects.bulk_create(PersonValue(person_id=number, run_id=1, tier_1="BASIC") for number in numbers)
    client = enter("marketer")
    before = client.get(LIST, {"f": asks}).context["count"].value
    assert before >= len(numbers)
    Person.objects.filter(pk=1_001).update(is_live=False)
    page = client.get(LIST, {"f": asks}).context
    assert page["count"] == Count(before if is_kept else before - 1)
    assert 1_001 not in {line.row_id for line in (*page["lines"], *client.get(page["next_url"]).context["lines"])}
    ValueRun.objects.create(
        kind_code="full", version=8, base_number=8, as_of=NOW.date(), window_days=365, started_at=NOW, ended_at=NOW, rules={},
    )  # fmt: skip
    assert client.get(LIST, {"f": asks}).context["count"] == Count(before - 1)


def test_only_members_have_a_share_of_members(enter, valued: Chain):
    Person.objects.filter(pk=valued.person_id).update(is_member=False)
    assert told(enter("marketer"), f="sources.gte.4", count=1) == ("0.0\u00a0%", [("钻石", 1)])
    Person.objects.update(is_member=False)
    assert told(enter("marketer"), f="sources.gte.4", count=2)[0] == "0.0\u00a0%"  # the whole is kept for minutes
    cache.clear()
    assert told(enter("marketer"), f="sources.gte.4", count=1)[0] == ""


def test_a_store_is_told_of_its_own_persons_whatever_others_asked_before(enter, valued: Chain):
    assert told(enter("marketer"), count=3)[1] == [("钻石", 1), ("基础", 1), ("没有等级", 1)]
    assert told(enter("guide"), count=3) == ("", [("钻石", 1), ("没有等级", 1)])
    assert told(enter("guide"), f="sources.gte.1", count=2)[0] == "100.0\u00a0%"


def test_the_answer_is_kept_by_run_and_count(enter, valued: Chain):
    client = enter("marketer")
    before = told(client, count=3)
    PersonValue.objects.filter(pk=valued.outsider_id).update(tier_1="CORE")
    assert told(client, count=3) == before
    assert told(client, count=4)[1] == [("钻石", 1), ("核心", 1), ("没有等级", 1)]
    ValueRun.objects.create(
        kind_code="full", version=8, base_number=8, as_of=NOW.date(), window_days=365, started_at=NOW, ended_at=NOW
    )
    assert told(client, count=3)[1] == [("钻石", 1), ("核心", 1), ("没有等级", 1)]


@pytest.mark.db_both
def test_an_estimate_is_kept_for_the_pages_that_follow_and_an_exact_count_never(enter, valued: Chain, monkeypatch):
    client = enter("marketer")
    assert client.get(LIST).context["count"] == Count(3)
    Person.objects.filter(pk=valued.outsider_id).update(is_live=False)
    assert client.get(LIST).context["count"] == Count(2)
    Person.objects.bulk_create(person_of(number, store_id=valued.store_id)[0] for number in range(1_001, 1_061))  # two pages
    monkeypatch.setattr("huitou.apps.base.walked_listing.SMALL_TABLE", 0)
    monkeypatch.setattr("huitou.apps.base.walked_listing.EXACT_UP_TO", 0)
    first = client.get(LIST)
    assert first.context["count"].is_exact is False
    sampled = Mock(side_effect=Matching.every_nth, autospec=True)
    monkeypatch.setattr(Matching, "every_nth", lambda *asked: sampled(*asked))
    again = client.get(LIST)
    assert again.context["count"] == first.context["count"]
    assert [line.row_id for line in again.context["lines"]] == [line.row_id for line in first.context["lines"]]
    assert sampled.call_count == 0
    assert client.get(LIST, {"f": "sources.gte.1"}).context["count"].is_exact is False
    assert enter("guide").get(LIST).status_code == 200
    assert sampled.call_count == 2  # another filter and another reach are other questions


@pytest.mark.parametrize("asked", ["mood_ring.eq.1", "all(", "sources.gte.99"])
def test_what_cannot_be_told_is_left_out(enter, asked: str):
    assert enter("marketer").get(PARTS, {"f": asked, "count": "x"}).status_code == 204


def test_a_list_without_parts_and_a_role_without_the_list_are_refused(enter):
    assert enter("manager").get(reverse("lists:parts", args=["store"])).status_code == 404
    assert enter("engineer").get(PARTS).status_code == 403


@pytest.fixture
def predicted(valued: Chain, forecast_run: ForecastRun) -> Chain:
    """王小芳 has a forecast with its interval, 欧阳华 a value whose interval is gone."""
    ValueRun.objects.update(rules={"clv": FORECAST})
    PersonValue.objects.filter(pk=valued.person_id).update(clv_12m_fen=268_400)
    PersonValue.objects.filter(pk=valued.outsider_id).update(clv_12m_fen=99_900)
    PersonForecast.objects.create(
        person_id=valued.person_id, run_id=forecast_run.pk, purchases=11.2, low=8, high=1_014, value_fen=268_400
    )
    return valued


def forecast_cells(client: Client) -> dict[int, tuple[str, str]]:
    context = client.get(LIST).context
    at = next(place for place, head in enumerate(context["heads"]) if "12" in head.label and "¥ " in f"{head.label} ")
    return {line.row_id: (line.cells[at].text, line.cells[at].note) for line in context["lines"]}


@pytest.mark.parametrize(("language", "note"), [("zh-hans", "8–1,014 单"), ("en", "8–1,014 orders")])
def test_a_forecast_stands_with_its_interval_and_never_without(enter, predicted: Chain, language: str, note: str):
    client = enter("marketer", language)
    found = forecast_cells(client)
    assert found[predicted.person_id] == ("2,684", note)  # no forecast knows fen
    assert found[predicted.outsider_id] == ("—", "")
    assert found[predicted.person_id + 2] == ("—", "")
    page = client.get(LIST).content.decode()
    assert "<bdi>999" not in page
    assert ("80 % 区间" if language == "zh-hans" else "80 % interval") in page


def test_a_stand_in_says_what_it_is_and_has_no_interval(enter, predicted: Chain):
    ValueRun.objects.update(rules={"clv": WINDOW})
    client = enter("marketer")
    assert forecast_cells(client)[predicted.person_id] == ("2,684.00", "")
    page = client.get(LIST).content.decode()
    assert "暂用近 12 个月净消费" in page
    assert "80 % 区间" not in page


def test_the_file_holds_the_interval_in_columns_of_its_own(enter, predicted: Chain):
    answer = enter("marketer").post(reverse("lists:export", args=["customer"]), {"next": f"{LIST}?sort=id", "everything": "1"})
    head, first, *_others = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    row = dict(zip(head, first, strict=True))
    assert (row["12 个月预测价值"], row["预测单数下限"], row["预测单数上限"]) == ("2684.00", "8", "1014")


def test_the_ends_can_be_filtered_by(enter, predicted: Chain):
    lines = enter("marketer").get(LIST, {"f": "forecast_low.gte.5"}).context["lines"]
    assert [line.row_id for line in lines] == [predicted.person_id]
