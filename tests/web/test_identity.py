"""Identity review as its readers get it, and the undo on the person's page."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from tests.apps.identity_chain import Chain as People
from tests.web.browser import PHONE as PHONE_SIZE
from tests.web.browser import visitor
from tests.web.conftest import Chain

from huitou.apps.base.models import AuditEvent
from huitou.apps.identity.models import IdentityEvent, ReviewPair
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


@pytest.fixture
def several(chain: Chain, layout: Layout) -> People:
    """Four open questions about eight people, of probabilities 0.9, 0.6, 0.1 and none."""
    people = People(layout)
    pairs = (("周小芳", "李雷", 0.9), ("吴桂英", "韩磊", 0.6), ("郑秀兰", "唐勇", 0.1), ("冯玉珍", "许涛", None))
    for number, (woman, man, probability) in enumerate(pairs):
        phone, first = f"1391234567{number}", 911 + 10 * number
        for record_id, source, name, gender in ((first, "mall", woman, "女"), (first + 1, "pos", man, "男")):
            row = {"record_id": record_id, "phone": phone, "name": name, "gender": gender, "store_id": chain.store_id}
            people.apply(source, [row])
        ReviewPair.objects.filter(record_a=first).update(probability=probability)
    return people


def _round(client: Client, **posted: object) -> str:
    return client.post(reverse("identity:answer_many"), posted, follow=True).content.decode()


def test_the_queue_is_cut_by_confidence(client: Client, chain: Chain, several: People):
    steward = _as(client, chain, "agent")
    told = steward.get(reverse("identity:review")).context
    assert told["bands"] == [("high", 1), ("middle", 1), ("low", 1), ("none", 1)]
    assert (told["left"], len(told["queue"])) == (4, 4)
    assert told["wrong"] == pytest.approx((1.4, 1.6))  # (0.1 + 0.4 + 0.9), (0.9 + 0.6 + 0.1)
    assert told["round_answers"][-1] == "same"  # the main button is the likelier answer
    assert steward.get(reverse("identity:review"), {"band": "low"}).context["round_answers"][-1] == "different"
    for band, probability in (("high", 0.9), ("middle", 0.6), ("low", 0.1), ("none", None)):
        context = steward.get(reverse("identity:review"), {"band": band}).context
        assert [line.probability for line in context["queue"]] == [probability]
        assert context["case"].probability == probability
    pair = ReviewPair.objects.get(probability=0.9)
    answered = steward.post(reverse("identity:answer", args=[pair.pk, "unsure"]), {"band": "high"})
    assert answered.url == f"{reverse('identity:review')}?band=high"
    assert "没有概率" in steward.get(reverse("identity:review"), {"band": "nonsense"}).content.decode()


def test_the_page_asks_first_what_an_answer_is_worth_most(client: Client, chain: Chain, several: People):
    steward = _as(client, chain, "agent")
    pairs = list(ReviewPair.objects.order_by("pk").values_list("pk", flat=True))
    for pair, worth in zip(pairs, (0.0, 0.6, 2.4, 0.0), strict=True):
        ReviewPair.objects.filter(pk=pair).update(worth=worth)
    shown = steward.get(reverse("identity:review")).context
    assert shown["case"].pair_id == pairs[2]
    assert [line.pair_id for line in shown["queue"]] == [pairs[2], pairs[1], pairs[0], pairs[3]]  # equal worth: the likelier
    assert steward.get(reverse("identity:review"), {"band": "middle"}).context["case"].pair_id == pairs[1]


def test_the_head_says_what_was_checked_today_and_how_far_answers_agree(client: Client, chain: Chain, several: People):
    steward = _as(client, chain, "agent")
    page = steward.get(reverse("identity:review")).content.decode()
    assert "今天已核对 0 组（你 0 组），还剩 4 组；近 30 天的答案还没有人复核" in page
    assert "是同一个人的可能 × 两边源记录数之积" in page
    assert '<b class="ht-nav-count">4<span' in page  # in the menu, for whom it is work
    assert "ht-nav-count" not in _as(client, chain, "manager").get(reverse("customers:list")).content.decode()
    steward = _as(client, chain, "agent")
    assert "与模型一致率" not in page
    pairs = list(ReviewPair.objects.order_by("pk").values_list("pk", flat=True))
    _round(steward, pair=pairs[:2], answer="same")
    engineer = _as(client, chain, "engineer")
    engineer.post(reverse("identity:undo", args=[IdentityEvent.objects.latest("pk").pk]))
    page = engineer.get(reverse("identity:review")).content.decode()
    assert "今天已核对 1 组（你 0 组），还剩 3 组" in page
    assert re.search("与复核人一致率 0.0.%（0／1）", page)
    assert re.search("与模型一致率 100.0.%（1／1）", page)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.accept("S22")
def test_a_round_is_ticked_answered_and_undone_in_the_browser(browser, live_server, chain: Chain, several: People):
    before = several.persons()
    agent = visitor(browser, live_server.url)
    page = agent.page
    agent.log_in("agent")
    agent.open(reverse("identity:review"))
    page.click("[data-open-dialog=round]")
    lines = page.locator("#round .ht-round-line input")
    assert lines.count() == 4
    assert page.inner_text("[data-round-same]") == "1.4"
    page.locator(".ht-round-line", has_text="郑秀兰").locator("input").uncheck()
    page.locator(".ht-round-line", has_text="冯玉珍").locator("input").uncheck()
    assert (page.inner_text("[data-round-same]"), page.inner_text("[data-round-different]")) == ("0.5", "1.5")
    agent.check()
    page.click("#round button[value=same]")
    page.wait_for_selector("text=已合并 2 组")
    after = several.persons()
    assert [after[first] == after[first + 1] for first in (911, 921, 931, 941)] == [True, True, False, False]
    page.wait_for_selector("text=还剩 2 组")
    agent.check()
    page.click(".ht-toast button")
    page.wait_for_selector("text=已撤销 2 组，档案恢复原样")
    assert several.persons() == before
    page.wait_for_selector("text=还剩 4 组")
    agent.check()
    phone = visitor(browser, live_server.url, size=PHONE_SIZE)
    phone.log_in("agent")
    phone.open(reverse("identity:review"))
    phone.page.click("[data-open-dialog=round]")
    phone.page.wait_for_selector("#round .ht-round-line")
    phone.check()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.accept("S22", "S24")
def test_a_steward_answers_by_keys_and_the_person_page_gives_both_files_back(browser, live_server, chain: Chain, several: People):
    before = several.persons()
    agent = visitor(browser, live_server.url)
    page, keys = agent.page, agent.page.keyboard
    agent.log_in("agent")
    agent.open(reverse("identity:review"))
    page.wait_for_selector(".ht-review-line[aria-current] >> text=周小芳")
    keys.press("j")
    page.wait_for_selector(".ht-review-line[aria-current] >> text=吴桂英")
    keys.press("k")
    page.wait_for_selector(".ht-review-line[aria-current] >> text=周小芳")
    keys.press("u")
    page.wait_for_selector(".ht-review-line:last-child >> text=放过一次")
    page.wait_for_selector(".ht-review-line[aria-current] >> text=吴桂英")
    keys.press("N")  # with caps lock
    page.wait_for_selector(".ht-review-line[aria-current] >> text=郑秀兰")
    assert several.persons() == before
    keys.press("y")
    page.wait_for_selector("text=已合并为同一个人")
    survivor = several.persons()[931]
    assert several.persons()[932] == survivor
    agent.check()
    agent.open(reverse("customers:person", args=[survivor]))
    page.locator("form[action*='/undo']").first.locator("button").click()
    page.wait_for_selector("text=已撤销，双方档案恢复原样")
    assert several.persons() == before
    agent.check()
    told = _as(Client(), chain, "agent")
    for person_id in (before[931], before[932]):
        assert "身份变更" in told.get(reverse("customers:person", args=[person_id])).content.decode()


@pytest.mark.accept("S22", "S24")
def test_many_questions_get_one_answer_and_all_of_it_is_taken_back(client: Client, chain: Chain, several: People):
    steward = _as(client, chain, "agent")
    before = several.persons()
    pairs = list(ReviewPair.objects.order_by("pk").values_list("pk", flat=True))
    page = _round(steward, pair=pairs[:3], answer="same")
    assert "已合并 3 组" in page
    after = several.persons()
    assert [after[first] == after[first + 1] for first in (911, 921, 931, 941)] == [True, True, True, False]
    assert list(ReviewPair.objects.values_list("pk", flat=True)) == pairs[3:]
    assert AuditEvent.objects.filter(action_code="identity.review").count() == 3
    last = IdentityEvent.objects.latest("pk").pk
    assert reverse("identity:undo_round", args=[last]) in page
    back = steward.post(reverse("identity:undo_round", args=[last]), follow=True).content.decode()
    assert "已撤销 3 组" in back
    assert several.persons() == before
    assert ReviewPair.objects.count() == 4
    again = steward.post(reverse("identity:undo_round", args=[last]), follow=True).content.decode()
    assert "已撤销 0 组，档案恢复原样；3 组之后又有变更，没有动" in again


def test_a_round_says_what_was_answered_meanwhile_and_refuses_nothing_and_too_many(client: Client, chain: Chain, several: People):
    steward = _as(client, chain, "agent")
    first, second = ReviewPair.objects.order_by("pk").values_list("pk", flat=True)[:2]
    assert "没有选中任何一组" in _round(steward, answer="same")
    assert "一次最多处理列出的 30 组" in _round(steward, pair=list(range(1, 40)), answer="different")
    assert steward.post(reverse("identity:answer_many"), {"pair": [first], "answer": "maybe"}).status_code == 404
    assert ReviewPair.objects.count() == 4
    page = _round(steward, pair=[first, first, 99_999], answer="different")
    assert "已记下 1 组不是同一个人，另有 1 组已经有了答案" in page
    assert "1 组先放一放" in _round(steward, pair=[second], answer="unsure")
    assert steward.post(reverse("identity:undo_round", args=[99_999])).status_code == 404
    marketer = _as(client, chain, "marketer")
    assert marketer.post(reverse("identity:answer_many"), {"pair": [second], "answer": "same"}).status_code == 403


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
    data_page = _as(client, chain, "analyst").get(reverse("data:data")).content.decode()
    assert data_page.count("95% 区间") == 2
    assert "看了 1 份" in data_page


def test_the_data_page_lists_what_identifies_nobody_with_its_store(client: Client, chain: Chain, layout: Layout):
    shop = [
        {"record_id": 950 + at, "phone": "13700001234", "name": name, "store_id": chain.store_id}
        for at, name in enumerate(("周小芳", "李雷", "韩梅", "赵敏", "钱伟", "孙丽", "吴刚", "郑爽"))
    ]
    People(layout).apply("mall", shop)
    page = _as(client, chain, "analyst").get(reverse("data:data"))
    ((hub, store),) = page.context["hubs"]
    assert (hub.kind_code, hub.value, hub.record_count, hub.name_count, store) == ("phone", "137****1234", 8, 8, "梧桐路店")
    assert "太多姓名共用" in page.content.decode()
    assert "13700001234" not in page.content.decode()


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
