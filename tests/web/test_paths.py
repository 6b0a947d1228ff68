"""The page of paths before the first purchase, and the path of one person, in reach."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import Chain as Store
from tests.warehouse.chain import Document, Line, days_before
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.queries import viewer_for
from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.attributes.services import preset_add
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.customers.models import PersonFacts
from huitou.apps.value.models import RunKind, ValueRun
from huitou.apps.value.queries import counted_paths, first_paths, motives, paths, person_path
from huitou.apps.value.queries.paths import Motives
from huitou.apps.value.services import motives_keep, paths_keep
from huitou.core.value.paths import Step
from huitou.warehouse.layout import Layout
from huitou.warehouse.queries.cohorts import newest_buyers
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN, Scope

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def walked(chain: Chain) -> Chain:
    """王小芳 viewed twice, put into the cart on the day of her first order, and viewed again later; 欧阳华 asked."""
    first = NOW.date() - timedelta(days=100)
    PersonFacts.objects.update(first_date=first, last_date=first)
    told = [(chain.person_id, "view", 130), (chain.person_id, "view", 120), (chain.person_id, "add_to_cart", 100),
            (chain.person_id, "pay", 100), (chain.person_id, "view", 99), (chain.outsider_id, "enquiry", 101)]  # fmt: skip
    BehaviourEvent.objects.bulk_create(
        BehaviourEvent(
            pk=number, source_code="mall", event_no=str(number), type_code=kind, record_id=1, person_id=person,
            occurred_at=NOW - timedelta(days=ago),
        )
        for number, (person, kind, ago) in enumerate(told, start=1)
    )  # fmt: skip
    return chain


@pytest.mark.accept("S40")
def test_paths_and_motives_are_shown_to_whoever_sees_the_persons(client: Client, walked: Chain):
    manager, store_manager = (viewer_for(walked.users[role]) for role in ("manager", "store_manager"))
    assert [line.kinds for line in first_paths(manager).lines] == [("enquiry",), ("view", "add_to_cart")]
    assert [line.kinds for line in first_paths(store_manager).lines] == [("view", "add_to_cart")]
    assert person_path(manager, walked.person_id) == (Step("view", 2), Step("add_to_cart", 1))
    assert person_path(store_manager, walked.outsider_id) is None
    assert motives_keep() is None  # nothing was scored yet
    ValueRun.objects.create(
        kind_code=RunKind.FULL, version=1, base_number=1, as_of=NOW.date(), window_days=365, started_at=NOW, ended_at=NOW
    )
    assert (counted_paths(manager), paths_keep()) == (None, 2)
    assert counted_paths(manager).paths == first_paths(manager)  # the job counted what a request would
    assert counted_paths(store_manager) is None  # whose newest buyers are others
    assert motives(manager, today=NOW.date()) is None
    assert motives_keep() == 0  # the attribute is not there
    assert motives(manager, today=NOW.date()) is None

    preset_add(code="purchase_motive", by=1, now=NOW)
    attribute = Attribute.objects.get(code="purchase_motive")
    for number, (person, code) in enumerate(((walked.person_id, "gift"), (walked.outsider_id, "gift")), start=1):
        AttributeValue.objects.create(
            attribute_id=attribute.pk, event_id=number, record_id=number, person_id=person, source_code="events",
            observed_at=NOW, text_value=code, is_current=True,
        )  # fmt: skip
    AttributeValue.objects.create(
        attribute_id=attribute.pk, event_id=3, record_id=3, person_id=999_999, source_code="events", observed_at=NOW,
        text_value="gift", is_current=True,
    )  # fmt: skip
    assert motives_keep() == 2  # the third is no more
    assert motives(manager, today=NOW.date()) == Motives(NOW.date(), [("送礼", 2)])
    assert motives(store_manager, today=NOW.date()) == Motives(NOW.date(), [("送礼", 1)])
    Attribute.objects.filter(pk=attribute.pk).update(is_sensitive=True)
    assert motives(manager, today=NOW.date()) is None
    Attribute.objects.filter(pk=attribute.pk).update(is_sensitive=False)

    client.force_login(walked.users["manager"], backend=BACKEND)
    page = client.get(reverse("value:paths")).content.decode()
    for text in ("浏览 › 加购 › 首单", "咨询 › 首单", "50.0", "送礼", "全部 2 位买过的客户"):
        assert text in page, text
    assert "浏览 ×2 › 加购" in client.get(reverse("customers:person", args=[walked.person_id])).content.decode()
    client.force_login(walked.users["guide"], backend=BACKEND)
    assert client.get(reverse("value:paths")).status_code == 403


def test_those_who_first_bought_last_are_looked_at(walked: Chain, layout: Layout, monkeypatch: pytest.MonkeyPatch):
    """The store names candidates; who is out of reach by now is passed over, and all are ordered when too few are left."""
    manager, store_manager = (viewer_for(walked.users[role]) for role in ("manager", "store_manager"))
    PersonFacts.objects.filter(pk=walked.outsider_id).update(first_date=NOW.date() - timedelta(days=3))
    monkeypatch.setattr(paths, "MOST_BUYERS", 1)
    store = Store(layout)
    store.land([
        Document(1, days_before(100), (Line(1, 100),), record_id=101, store_id=walked.store_id),
        Document(2, days_before(3), (Line(1, 100),), record_id=102, store_id=walked.other_store_id),
        Document(3, days_before(0), (Line(1, 100),), record_id=103, store_id=walked.store_id),  # a person who is no more
    ])  # fmt: skip
    store.publish(1, {101: walked.person_id, 102: walked.outsider_id, 103: 999_999})
    with Warehouse(layout).read() as reading:
        assert newest_buyers(reading.cursor, scope=CHAIN, most=2) == [999_999, walked.outsider_id]
        assert newest_buyers(reading.cursor, scope=Scope((walked.other_store_id,)), most=5) == [walked.outsider_id]
    for candidates in (2, 1):  # of one, none is in reach
        monkeypatch.setattr(paths, "CANDIDATES", candidates)
        assert [line.kinds for line in first_paths(manager).lines] == [("enquiry",)]
        assert [line.kinds for line in first_paths(store_manager).lines] == [("view", "add_to_cart")]


def test_who_belongs_to_a_store_and_buys_in_another_is_among_its_newest_buyers(walked: Chain, layout: Layout, monkeypatch):
    manager, store_manager = (viewer_for(walked.users[role]) for role in ("manager", "store_manager"))
    newest = walked.outsider_id + 1
    facts = PersonFacts.objects.get(pk=walked.person_id)
    facts.pk, facts.first_date = newest, NOW.date() - timedelta(days=2)
    facts.save(force_insert=True)
    monkeypatch.setattr(paths, "MOST_BUYERS", 1)
    store = Store(layout)
    store.land([
        Document(1, days_before(100), (Line(1, 100),), record_id=101, store_id=walked.store_id),
        Document(2, days_before(2), (Line(1, 100),), record_id=102, store_id=walked.other_store_id),
    ])  # fmt: skip
    store.publish(1, {101: walked.person_id, 102: newest})
    for viewer in (manager, store_manager):
        assert list(paths._newest_buyers(viewer)) == [newest]


def test_before_anybody_bought_the_page_says_so(client: Client, chain: Chain):
    PersonFacts.objects.all().delete()
    client.force_login(chain.users["manager"], backend=BACKEND)
    assert "还没有购买过的客户" in client.get(reverse("value:paths")).content.decode()
