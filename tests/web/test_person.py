"""The person page: a timeline that skips nothing, consent that is appended, hostile values shown as text."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import AS_OF, Document, Line, days_before
from tests.warehouse.chain import Chain as Store
from tests.web.conftest import NOW, BuiltOnce, Chain

from huitou.apps.base.clock import utc_now
from huitou.apps.base.secrets import keyring
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.customers.models import Person
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.services import PersonFile, persons_project
from huitou.apps.privacy.models import Consent
from huitou.apps.service.models import Ticket
from huitou.warehouse.layout import Layout
from huitou.web.pages.timeline import PAGE_ROWS

BACKEND = "django.contrib.auth.backends.ModelBackend"
MOMENT = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client: Client, chain: Chain) -> Client:
    client.force_login(chain.users["agent"], backend=BACKEND)
    return client


def build(layout: Layout, person_id: int) -> None:
    store = Store(layout)
    store.land(
        [
            Document(n, days_before(max(n, 5)), (Line(1, 100 * n),), record_id=104 if n % 3 else 102, channel=0 if n % 3 else 1)
            for n in range(1, 56)
        ],
        points=[(900 + n, 103, days_before(2 * n), n) for n in range(30)],
    )
    store.publish(1, dict.fromkeys((101, 102, 103, 104), person_id))


@pytest.fixture
def busy(layout: Layout, chain: Chain, built_once: BuiltOnce) -> Chain:
    """55 orders (five of the same moment, every third online), 30 points entries, 25 events, 2 tickets."""
    built_once(layout, build, chain.person_id)
    for n in range(25):
        BehaviourEvent.objects.create(
            pk=n + 1, source_code="events", event_no=f"E{n}", type_code="view", occurred_at=MOMENT - timedelta(days=n // 2),
            record_id=102, person_id=chain.person_id, store_id=chain.store_id if n % 2 else None,
        )  # fmt: skip
    for n in (1, 2):
        Ticket.objects.create(
            pk=n, source_code="aftersales", ticket_no=f"T{n}", type_code="complaint", status_code="open", status_at=MOMENT,
            opened_at=MOMENT - timedelta(days=n), record_id=101, person_id=chain.person_id, version_at=MOMENT,
        )  # fmt: skip
    return chain


def walk(client: Client, person_id: int, **asked: str) -> list[tuple[str, int]]:
    """Return (kind, number) of every entry over all pages, as shown."""
    address = reverse("customers:timeline", args=[person_id])
    found, after = [], ""
    while True:
        page = client.get(address, {**asked, "after": after} if after else asked).context["timeline"]
        rows = [(entry.kind, entry.number) for day in page.days for entry in day.entries]
        assert len(rows) <= PAGE_ROWS
        found += rows
        after = page.next_after
        if not after:
            return found


def test_pages_join_without_gap_or_repeat_over_all_kinds(agent: Client, busy: Chain):
    everything = walk(agent, busy.person_id)
    assert len(everything) == len(set(everything)) == 55 + 30 + 25 + 2
    first = agent.get(reverse("customers:timeline", args=[busy.person_id])).context["timeline"]
    assert first.counts == {"": 112, "order": 55, "points": 30, "ticket": 2, "behaviour": 25, "file": 0}


@pytest.mark.parametrize(
    ("asked", "counts"),
    [
        ({"kind": "order"}, {"order": 55}),
        ({"channel": "online"}, {"order": 18, "behaviour": 13}),
        ({"channel": "store"}, {"order": 37, "behaviour": 12}),
        ({"channel": "service"}, {"ticket": 2}),
        ({"source": "mall"}, {"order": 18}),
        ({"source": "membership"}, {"points": 30}),
        ({"source": "aftersales", "kind": "ticket"}, {"ticket": 2}),
        ({"source": "nonsense", "kind": "x", "channel": "y"}, {"order": 55, "points": 30, "ticket": 2, "behaviour": 25}),
    ],
)
def test_it_is_filtered_by_kind_channel_and_source(agent: Client, busy: Chain, asked: dict[str, str], counts: dict[str, int]):
    found = [kind for kind, _number in walk(agent, busy.person_id, **asked)]
    assert {kind: found.count(kind) for kind in set(found)} == counts


@pytest.mark.parametrize(
    "position", ["x", "order~2026-01-01~1", "order~2026-01-01T00:00:00+00:00~1e9", "people~2026-01-01T00:00:00+00:00~1",
                 "order~0001-01-01T00:00:00+14:00~1", "points~2026-01-01T00:00:00+00:00~99999999999999999999"],
)  # fmt: skip
def test_a_position_nobody_gave_out_is_not_found(agent: Client, busy: Chain, position: str):
    answer = agent.get(reverse("customers:timeline", args=[busy.person_id]), {"after": position})
    assert answer.status_code == 404


@pytest.mark.db_both
def test_a_guide_of_another_store_sees_nothing(client: Client, busy: Chain):
    client.force_login(busy.users["guide"], backend=BACKEND)
    Person.objects.filter(pk=busy.person_id).update(home_store_id=busy.other_store_id)
    for route in ("customers:person", "customers:timeline"):
        assert client.get(reverse(route, args=[busy.person_id])).status_code == 404


def answer(**other: str) -> dict[str, str]:
    return {
        "channel": "phone", "purpose": "marketing", "answer": "withdrawn", "source": "phone", "reason": "complaint", "day": "",
    } | other  # fmt: skip


def test_consent_is_appended_and_shown_with_its_source(agent: Client, chain: Chain):
    address, page = (reverse(route, args=[chain.person_id]) for route in ("customers:consent", "customers:person"))
    assert "未问" in agent.get(page).content.decode()
    agent.post(address, answer(answer="granted", day="2026-01-05"))
    said = agent.post(address, answer(), follow=True).content.decode()
    assert "已登记：电话、营销，拒绝" in said
    rows = {row.purpose: dict(row.cells) for row in agent.get(page).context["consent_rows"]}
    assert rows["marketing"]["phone"].answer.value == "withdrawn"
    assert rows["marketing"]["sms"] is None
    assert Consent.objects.count() == 2


def test_a_child_is_marked_and_the_guardians_answer_recorded(agent: Client, chain: Chain):
    address, page = (reverse(route, args=[chain.person_id]) for route in ("customers:consent", "customers:person"))
    guardian = answer(purpose="minor", channel="father", answer="granted", reason="asked")
    shown = agent.get(page).content.decode()
    assert "未满 14 岁" not in shown
    assert 'id="guardian-who"' not in shown
    assert "已满 14 岁" in agent.post(address, guardian, follow=True).content.decode()
    Person.objects.filter(pk=chain.person_id).update(of_age_on=utc_now().date() + timedelta(days=3))
    shown = agent.get(page).content.decode()
    assert "未满 14 岁，不做营销" in shown
    assert "监护人还没有同意" in shown
    assert "先问监护人是否同意建档" in shown
    assert "不给这一位推荐" in shown
    assert shown.index('id="guardian-who"') < shown.index('id="consent-channel"')  # the answer that matters stands first
    said = agent.post(address, guardian, follow=True)
    assert "已登记：父亲、未满 14 岁建档，同意" in said.content.decode()
    ((who, entry),) = said.context["guardian_cells"]
    assert (who, entry.answer.value, entry.by) == ("father", "granted", chain.users["agent"].pk)
    assert "先问监护人是否同意建档" not in said.content.decode()


@pytest.mark.parametrize(("wrong", "told"), [({"answer": ""}, "都要选"), ({"day": "2999-01-01"}, "日期在以后")])
def test_what_is_not_whole_is_not_stored(agent: Client, chain: Chain, wrong: dict[str, str], told: str):
    said = agent.post(reverse("customers:consent", args=[chain.person_id]), answer(**wrong), follow=True)
    assert told in said.content.decode()
    assert not Consent.objects.exists()


def test_who_may_not_record_consent_and_who_is_out_of_reach(client: Client, chain: Chain):
    client.force_login(chain.users["marketer"], backend=BACKEND)
    assert client.post(reverse("customers:consent", args=[chain.person_id]), answer()).status_code == 403
    client.force_login(chain.users["guide"], backend=BACKEND)
    assert client.post(reverse("customers:consent", args=[chain.outsider_id]), answer()).status_code == 404
    assert not Consent.objects.exists()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\u202eabc\u2066王", "🧧" * 60, "王" * 200, '"><img src=x>'])
def test_a_hostile_name_is_text(agent: Client, chain: Chain, name: str):
    values = profile_open(keyring(), chain.person_id, Person.objects.get(pk=chain.person_id).profile)
    file = PersonFile(
        person_id=chain.person_id, values={**values, "name": {**values["name"], "value": name}}, searched={}, record_count=4,
        source_count=4, is_member=True, store_id=chain.store_id, registered_at=NOW - timedelta(days=700),
    )  # fmt: skip
    persons_project([file], now=NOW)
    page = agent.get(reverse("customers:person", args=[chain.person_id])).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert name not in page.split("</title>")[0]  # a person's name stays out of the browser's history


def test_an_old_fact_says_how_long_nobody_confirmed_it(agent: Client, chain: Chain):
    values = profile_open(keyring(), chain.person_id, Person.objects.get(pk=chain.person_id).profile)
    old = {"value": "1984-02-29", "record_id": 101, "source_code": "pos", "observed_at": "2020-01-01T00:00:00+00:00"}
    file = PersonFile(
        person_id=chain.person_id, values={**values, "birthday": old}, searched={}, record_count=4, source_count=4,
        is_member=True, store_id=chain.store_id, registered_at=NOW,
    )  # fmt: skip
    persons_project([file], now=NOW)
    page = agent.get(reverse("customers:person", args=[chain.person_id])).content.decode()
    assert "天未核实" in page
    assert "约 4" in page


def test_one_page_tells_what_four_systems_know_of_a_person_under_one_number(agent: Client, busy: Chain, valued: Chain):
    page = agent.get(reverse("customers:person", args=[busy.person_id]))
    assert sorted(record.source_code for record in page.context["records"]) == ["aftersales", "mall", "membership", "pos"]
    assert len(page.context["links"]) == 3
    assert page.context["timeline"].counts == {"": 112, "order": 55, "points": 30, "ticket": 2, "behaviour": 25, "file": 0}
    shown = page.content.decode()
    for part in (
        "源记录",
        "同意",
        "RFM",
        "等级",
        "12 个月预测价值",
        "标签",
        "积分",
        "券",
        "工单",
        "时间线",
        f"编号 {busy.person_id}",
    ):
        assert part in shown, part
    for route in ("customers:timeline", "attributes:person"):
        assert agent.get(reverse(route, args=[busy.person_id])).status_code == 200
    orders = agent.get(reverse("customers:timeline", args=[busy.person_id]), {"kind": "order"}).context["timeline"]
    assert {entry.source_code for day in orders.days for entry in day.entries} == {"mall", "pos"}
    assert {Ticket.objects.get(pk=1).person_id, BehaviourEvent.objects.get(pk=1).person_id} == {busy.person_id}
