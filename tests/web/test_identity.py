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
