"""Identity review as its readers get it, and the undo on the person's page."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.apps.identity_chain import Chain as People
from tests.web.conftest import Chain

from huitou.apps.identity.models import ReviewPair
from huitou.warehouse.layout import Layout

PHONE = "13912345678"


@pytest.fixture
def people(chain: Chain, layout: Layout) -> People:
    """One open question: two persons with one phone, who contradict each other."""
    people = People(layout)
    people.apply("mall", [{"record_id": 901, "phone": PHONE, "name": "周小芳", "gender": "女", "store_id": chain.store_id}])
    people.apply("pos", [{"record_id": 902, "phone": PHONE, "name": "李雷", "gender": "男", "store_id": chain.store_id}])
    return people


def _as(client: Client, chain: Chain, role: str) -> Client:
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.accept("S22", "S24")
def test_a_steward_answers_with_one_post_and_the_person_page_gives_both_files_back(client: Client, chain: Chain, people: People):
    steward = _as(client, chain, "agent")
    before = people.persons()
    page = steward.get(reverse("identity:review")).content.decode()
    assert "周小芳" in page
    assert "139****5678" in page
    assert PHONE not in page
    pair = ReviewPair.objects.get()
    answered = steward.post(reverse("identity:answer", args=[pair.pk, "same"]), follow=True).content.decode()
    assert "已合并为同一个人" in answered
    assert "没有要核对的" in answered
    survivor = people.persons()[901]
    assert people.persons()[902] == survivor
    person = steward.get(reverse("customers:person", args=[survivor])).content.decode()
    assert "身份变更" in person
    event = steward.get(reverse("customers:person", args=[survivor])).context["changes"][0]
    back = steward.post(reverse("identity:undo", args=[event.event_id]), {"person": survivor}, follow=True)
    assert back.redirect_chain[-1][0] == reverse("customers:person", args=[survivor])
    assert people.persons() == before
    again = steward.post(reverse("identity:undo", args=[event.event_id]), {"person": survivor}, follow=True)
    assert "不能撤销" in again.content.decode()


def test_whoever_is_no_steward_neither_sees_questions_nor_undoes(client: Client, chain: Chain, people: People):
    marketer = _as(client, chain, "marketer")
    assert marketer.get(reverse("identity:review")).status_code == 403
    pair = ReviewPair.objects.get()
    assert marketer.post(reverse("identity:answer", args=[pair.pk, "same"])).status_code == 403
    page = marketer.get(reverse("customers:person", args=[people.persons()[901]]))
    assert reverse("identity:undo", args=[page.context["changes"][0].event_id]) not in page.content.decode()
    assert ReviewPair.objects.count() == 1


def test_an_unknown_answer_is_no_address(client: Client, chain: Chain, people: People):
    pair = ReviewPair.objects.get()
    assert _as(client, chain, "engineer").post(reverse("identity:answer", args=[pair.pk, "maybe"])).status_code == 404


def test_a_steward_sees_what_ties_the_records_splits_them_and_takes_it_back(client: Client, chain: Chain, people: People):
    people.apply("membership", [{"record_id": 903, "phone": PHONE, "name": "周小芳", "gender": "女", "store_id": chain.store_id}])
    steward = _as(client, chain, "agent")
    before = people.persons()
    person = before[901]
    assert before[903] == person
    address = reverse("identity:entity", args=[person])
    page = steward.get(address).content.decode()
    assert "第 1 条与第 2 条" in page
    assert PHONE not in page
    for chosen, reason in (([], "split_typo"), ([901, 903], "split_typo"), ([903], ""), ([902], "split_typo")):
        steward.post(reverse("identity:split", args=[person]), {"records": chosen, "reason": reason})
        assert people.persons() == before
    done = steward.post(reverse("identity:split", args=[person]), {"records": [903], "reason": "split_typo"}, follow=True)
    assert "已分成两份档案" in done.content.decode()
    assert people.persons()[903] != people.persons()[901]
    event = steward.get(reverse("customers:person", args=[people.persons()[901]])).context["changes"][0]
    steward.post(reverse("identity:undo", args=[event.event_id]))
    assert people.persons() == before


def test_the_sample_is_drawn_judged_and_told_with_its_interval(client: Client, chain: Chain, people: People):
    steward = _as(client, chain, "agent")
    assert "还没有抽过样" in steward.get(reverse("identity:sample")).content.decode()
    page = steward.post(reverse("identity:sample_draw"), follow=True)
    question = page.context["question"]
    assert PHONE not in page.content.decode()
    judged = reverse("identity:sample_judge", args=[question.case_id])
    assert "两个问题都要答" in steward.post(judged, {"pure": "yes"}, follow=True).content.decode()
    answered = steward.post(judged, {"pure": "yes", "complete": "no"}, follow=True)
    assert "95% 区间" in answered.content.decode()


def test_an_engineer_sets_which_source_wins_and_a_marketer_may_not(client: Client, chain: Chain):
    address = reverse("identity:rule", args=["address"])
    assert _as(client, chain, "marketer").get(address).status_code == 403
    engineer = _as(client, chain, "engineer")
    twice = engineer.post(address, {"order_1": "recent", "order_2": "recent"})
    assert (twice.status_code, "同一项只能排一次" in twice.content.decode()) == (422, True)
    saved = engineer.post(address, {"order_1": "recent", "source_1": "mall"}, follow=True).content.decode()
    assert "已改" in saved
    assert "已改" not in engineer.post(address, {"default": "1"}, follow=True).content.decode()
    assert engineer.get(reverse("identity:rule", args=["shoe"])).status_code == 404
