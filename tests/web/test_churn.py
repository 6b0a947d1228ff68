"""Who stayed away and why: cohorts by hand, one reason per person, the page in reach."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import AS_OF, Document, Line, days_before
from tests.warehouse.chain import Chain as Store
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.queries import viewer_for
from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.attributes.services import preset_add
from huitou.apps.behaviour.models import BehaviourFacts
from huitou.apps.customers.models import PersonFacts
from huitou.apps.service.models import Ticket
from huitou.apps.value.models import RunKind, ValueRun
from huitou.apps.value.queries import churn_reasons
from huitou.apps.value.services import reasons_keep
from huitou.core.value.churn import REASONS, Pareto, Source, pareto, reasons_of
from huitou.warehouse.layout import Layout
from huitou.warehouse.queries.cohorts import Cohort, cohorts_by_month
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN, Scope

BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_what_was_stated_goes_before_a_ticket_and_that_before_a_rating():
    found = reasons_of({1: "price", 2: "nonsense"}, {1: "complaint", 2: "return", 3: "enquiry", 4: "delivery"}, {1, 3, 4, 5})
    assert found == {
        1: ("price", Source.STATED), 2: ("quality", Source.TICKET), 3: ("quality", Source.RATING),
        4: ("delivery", Source.TICKET), 5: ("quality", Source.RATING),
    }  # fmt: skip
    counted = pareto(Counter(found.values()))
    assert [(line.reason.code, line.persons, line.running) for line in counted.lines] == [
        ("quality", 3, 0.6), ("delivery", 1, 0.8), ("price", 1, 1.0),
    ]  # fmt: skip
    assert (counted.known, counted.experience_share) == (5, 0.0)  # of the one who was asked
    asked = {(code, Source.STATED): 1 for code in ("range", "service", "moved", "price")}
    assert pareto(asked | {("quality", Source.TICKET): 1}).experience_share == 0.5
    assert pareto(asked | {("nonsense", Source.STATED): 3}).known == 4
    assert counted.sources == {Source.STATED: 1, Source.TICKET: 2, Source.RATING: 2}


def test_nobody_told_is_no_share():
    assert (pareto({}).experience_share, pareto({}).lines) == (None, ())
    assert pareto({("quality", Source.TICKET): 1}).experience_share is None


def full_run() -> ValueRun:
    """A full run over everybody that has ended."""
    return ValueRun.objects.create(
        kind_code=RunKind.FULL, version=1, base_number=1, as_of=NOW.date(), window_days=365, started_at=NOW, ended_at=NOW
    )


@pytest.fixture
def bought(layout: Layout, chain: Chain) -> Chain:
    """First purchases 200, 199 (again 89 days ago), 90, 89 and 5 days ago in two stores."""
    store = Store(layout)
    days = [(101, 200, 0), (102, 199, 0), (102, 89, 0), (103, 90, 1), (104, 89, 0), (105, 5, 0)]
    places = (chain.store_id, chain.other_store_id)
    store.land([
        Document(number, days_before(day), (Line(1, 100),), record_id=record, store_id=places[place])
        for number, (record, day, place) in enumerate(days, start=1)
    ])  # fmt: skip
    store.publish(1, {record: 1000 + record for record in range(101, 106)})
    return chain


@pytest.mark.django_db
@pytest.mark.accept("S75")
def test_cohorts_are_counted_at_their_edges_and_in_reach(client: Client, layout: Layout, bought: Chain):
    def month(ago: int) -> date:
        return (AS_OF - timedelta(days=ago)).replace(day=1)

    with Warehouse(layout).read() as reading:
        found = cohorts_by_month(reading.cursor, scope=CHAIN, as_of=AS_OF)
        assert sum(one.persons for one in found) == 5
        assert sum(one.ripe for one in found) == 3  # 200, 199 and exactly 90 days ago
        assert sum(one.dormant for one in found) == 2  # who came again 89 days ago is not
        assert found[-1] == Cohort(month(5), 1, 0, 0)
        assert found[-1].churn_share is None
        own = cohorts_by_month(reading.cursor, scope=Scope((bought.other_store_id,)), as_of=AS_OF)
        assert own == [Cohort(month(90), 1, 1, 1)]
        assert own[0].churn_share == 1.0
        assert cohorts_by_month(reading.cursor, scope=Scope(()), as_of=AS_OF) == []
    client.force_login(bought.users["manager"], backend=BACKEND)
    page = client.get(reverse("value:churn")).content.decode()
    for text in ("2 ÷ 3 位首购满 90 天的客户", f"{month(5):%Y-%m}", "还早", "后台接着数原因"):
        assert text in page, text
    full_run()
    assert reasons_keep() == 0
    page = client.get(reverse("value:churn")).content.decode()
    assert "还没有人说过原因" in page
    assert "后台接着数原因" not in page
    client.force_login(bought.users["guide"], backend=BACKEND)
    assert client.get(reverse("value:churn")).status_code == 403


@pytest.mark.django_db
@pytest.mark.db_both
@pytest.mark.accept("S75")
def test_reasons_come_from_who_asked_from_tickets_and_ratings_of_the_dormant_in_reach(client: Client, bought: Chain):
    chain = bought

    def reasons(role: str) -> Pareto:
        reasons_keep()
        found = churn_reasons(viewer_for(chain.users[role]))
        assert found is not None
        assert found.as_of == NOW.date()
        return found.pareto

    def sources(role: str) -> dict[str, int]:
        return {source.value: persons for source, persons in reasons(role).sources.items() if persons}

    assert reasons_keep() is None  # nothing was scored yet
    assert churn_reasons(viewer_for(chain.users["manager"])) is None
    full_run()
    left = NOW.date() - timedelta(days=100)
    PersonFacts.objects.update(last_date=left)
    assert sources("manager") == {}
    at = NOW - timedelta(days=191)
    ticket = Ticket.objects.create(
        id=1, source_code="aftersales", ticket_no="1", person_id=chain.outsider_id, type_code="complaint",
        status_code="open", status_at=at, opened_at=at, version_at=at,
    )  # fmt: skip
    assert sources("manager") == {}  # 91 days before the last purchase: it tells nothing
    Ticket.objects.update(opened_at=at + timedelta(days=1))
    BehaviourFacts.objects.create(pk=chain.person_id, last_rating=2, last_review_on=left)
    assert sources("manager") == {"ticket": 1, "rating": 1}
    client.force_login(chain.users["manager"], backend=BACKEND)
    page = client.get(reverse("value:churn")).content.decode()
    for text in ("2 ÷ 2 位流失客户", "还没问过客户", "最近一张工单 1", "最近一次低评分 1"):
        assert text in page, text
    assert sources("store_manager") == {"rating": 1}
    BehaviourFacts.objects.update(last_rating=3)
    assert sources("manager") == {"ticket": 1}
    assert reasons("manager").experience_share is None  # nobody was asked

    preset_add(code="churn_reason", by=1, now=NOW)
    attribute = Attribute.objects.get(code="churn_reason")
    assert [one["code"] for one in attribute.choices] == [reason.code for reason in REASONS]
    assert not attribute.is_sensitive
    AttributeValue.objects.create(
        attribute_id=attribute.pk, event_id=77, record_id=1, person_id=ticket.person_id, source_code="events", observed_at=NOW,
        text_value="price", is_current=True,
    )  # fmt: skip
    assert sources("manager") == {"stated": 1}
    assert reasons("manager").experience_share == 0.0
    PersonFacts.objects.update(last_date=NOW.date() - timedelta(days=89))
    assert sources("manager") == {}  # nobody is dormant
