"""What serving a tier costs stands beside its revenue; the unit costs are a table that a marketer edits."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.queries import viewer_for
from huitou.apps.base.models import AuditEvent
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.service.models import Ticket
from huitou.apps.value import queries
from huitou.apps.value.models import PersonValue, TierSum, UnitCosts, ValueRun
from huitou.apps.value.schemes import schemes_in_force, shipped_ensure
from huitou.apps.value.services import contacts_keep
from huitou.core.value.serving import (
    CONTACT_COSTS_FEN,
    MOST_FEN,
    TICKET_COSTS_FEN,
    UNIT_COSTS_FEN,
    UnitCostsInvalid,
    check_unit_costs,
    serving,
)


def test_a_tier_costs_its_tickets_its_contacts_and_what_its_service_may_cost():
    costs = {"complaint": 50, "touch:sms": 4, "touch:phone": 30}
    touches = {"touch:sms": 10, "touch:phone": 2}
    one = serving({"complaint": 2, "unheard": 1}, touches, costs, persons=3, monthly_fen=10, net_fen=5_600)
    assert (one.tickets, one.uncosted, one.tickets_fen, one.contacts, one.contacts_fen) == (3, 1, 100, 12, 100)
    assert (one.benefits_fen, one.cost_fen, one.share) == (360, 560, 0.1)
    free = serving({}, {}, {}, persons=3, monthly_fen=None, net_fen=0)
    assert (free.contacts, free.benefits_fen, free.cost_fen, free.share) == (0, None, 0, None)
    uncounted = serving({}, None, {}, persons=1, monthly_fen=5, net_fen=-10)
    assert (uncounted.contacts, uncounted.contacts_fen, uncounted.share) == (None, 0, None)


@pytest.mark.parametrize(
    "wrong",
    [{}, {**UNIT_COSTS_FEN, "more": 1}, *({**UNIT_COSTS_FEN, "return": fen} for fen in (-1, MOST_FEN + 1, 1.5, True))],
)
def test_a_table_of_unit_costs_is_whole_and_in_bounds(wrong):
    with pytest.raises(UnitCostsInvalid):
        check_unit_costs(wrong)
    check_unit_costs({**UNIT_COSTS_FEN, "return": 0, "praise": MOST_FEN})


@pytest.fixture
def served(chain: Chain) -> Chain:
    """王小芳, diamond, complained twice and once too long ago; 欧阳华 of the other store asked once; one ticket is nobody's."""
    shipped_ensure(now=NOW)
    ValueRun.objects.create(
        kind_code="full", version=7, base_number=7, as_of=NOW.date(), window_days=365, started_at=NOW, ended_at=NOW,
        rules={"schemes": {one.code: one.number for one in schemes_in_force()}},
    )  # fmt: skip
    pyramid = schemes_in_force()[0]
    people = (
        (chain.person_id, chain.store_id, 90_000, "DIAMOND"),
        (chain.outsider_id, chain.other_store_id, 10_000, "BASIC"),
    )
    for person_id, store_id, net_fen, tier in people:
        PersonValue.objects.create(person_id=person_id, run_id=1, store_id=store_id, tier_1=tier)
        TierSum.objects.create(scheme_id=pyramid.scheme_id, store_id=store_id, tier_code=tier, persons=1, net_fen=net_fen)
    tickets = (
        (chain.person_id, "complaint", 1),
        (chain.person_id, "complaint", 364),
        (chain.person_id, "complaint", 365),
        (chain.outsider_id, "enquiry", 2),
        (None, "repair", 2),
    )
    for number, (person_id, kind, days) in enumerate(tickets, start=1):
        at = NOW - timedelta(days=days)
        Ticket.objects.create(
            id=number, source_code="aftersales", ticket_no=str(number), person_id=person_id, type_code=kind,
            status_code="open", status_at=at, opened_at=at, version_at=at,
        )  # fmt: skip
    return chain


def counted(chain: Chain, role: str) -> dict[str, tuple[int, int]]:
    viewer, one = viewer_for(chain.users[role]), schemes_in_force()[0]
    tiers = queries.scheme_serving(viewer, one, queries.scheme_sums(viewer, one), None, as_of=NOW.date())
    return {tier.sums.tier.code: (tier.serving.tickets, tier.serving.net_fen) for tier in tiers}


@pytest.mark.db_both
def test_tickets_of_a_year_are_counted_by_tier_in_reach(served: Chain):
    assert counted(served, "manager") == {"DIAMOND": (2, 90_000), "CORE": (0, 0), "POTENTIAL": (0, 0), "BASIC": (1, 10_000)}
    assert counted(served, "store_manager")["BASIC"] == (0, 0)
    served.users["store_manager"].store_ids = []
    assert set(counted(served, "store_manager").values()) == {(0, 0)}


def touch(chain: Chain, person_id: int | None, kind: str, days: int) -> None:
    number = BehaviourEvent.objects.count() + 1
    BehaviourEvent.objects.create(
        id=number, source_code="events", event_no=str(number), type_code=kind, person_id=person_id,
        occurred_at=NOW - timedelta(days=days), store_id=chain.other_store_id,
    )  # fmt: skip


def contacted(chain: Chain, role: str) -> dict[str, dict[str, int]] | None:
    found = queries.tier_contacts(viewer_for(chain.users[role]), schemes_in_force()[0])
    return None if found is None else {tier: dict(counts) for tier, counts in found.of_tier.items()}


@pytest.mark.db_both
@pytest.mark.accept("S77")
def test_contacts_of_a_year_are_counted_by_tier_and_channel_in_reach(client: Client, served: Chain):
    for kind, days in (
        ("touch:sms", 0),
        ("touch:sms", 364),
        ("touch:sms", 365),
        ("touch:phone", 3),
        ("response:sms", 1),
        ("view", 1),
    ):
        touch(served, served.person_id, kind, days)
    touch(served, served.outsider_id, "touch:wecom", 9)
    touch(served, None, "touch:sms", 9)
    assert contacted(served, "manager") is None
    client.force_login(served.users["marketer"], backend="django.contrib.auth.backends.ModelBackend")
    assert "尚未统计" in client.get(reverse("value:serving")).content.decode()
    assert contacts_keep() == 4
    of_diamonds, of_basic = {"touch:sms": 2, "touch:phone": 1}, {"touch:wecom": 1}
    assert contacted(served, "manager") == {"DIAMOND": of_diamonds, "BASIC": of_basic}
    assert contacted(served, "store_manager") == {"DIAMOND": of_diamonds}
    said = client.get(reverse("value:serving")).content.decode()
    assert "尚未统计" not in said
    assert "触达渠道" in said
    sms, phone = CONTACT_COSTS_FEN["touch:sms"], CONTACT_COSTS_FEN["touch:phone"]
    viewer, one = viewer_for(served.users["manager"]), schemes_in_force()[0]
    sums = queries.scheme_sums(viewer, one)
    tiers = queries.scheme_serving(viewer, one, sums, queries.tier_contacts(viewer, one), as_of=NOW.date())
    assert (tiers[0].serving.contacts, tiers[0].serving.contacts_fen) == (3, 2 * sms + phone)
    drill = f"{reverse('segments:new')}?f=tier_pyramid.eq.DIAMOND%2Cevent.touch.times.gte.1.365d"
    assert drill in said
    assert client.get(drill).status_code == 200


def test_a_scheme_that_came_after_the_count_is_not_counted_yet(served: Chain):
    touch(served, served.person_id, "touch:sms", 0)
    run = ValueRun.objects.get()
    run.rules["schemes"].pop(schemes_in_force()[0].code)
    run.save(update_fields=["rules"])
    assert contacts_keep() == 1
    assert contacted(served, "manager") is None
    assert queries.tier_contacts(viewer_for(served.users["manager"]), schemes_in_force()[1]) is not None


def test_a_table_of_costs_from_before_contacts_had_one_keeps_its_tickets(served: Chain):
    UnitCosts.objects.create(costs=dict.fromkeys(TICKET_COSTS_FEN, 77), saved_at=NOW, by=1)
    assert queries.unit_costs() == {**CONTACT_COSTS_FEN, **dict.fromkeys(TICKET_COSTS_FEN, 77)}


@pytest.mark.accept("S77")
def test_cost_stands_beside_revenue_and_leads_to_its_rows(client: Client, served: Chain):
    client.force_login(served.users["marketer"], backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("value:serving")
    costs = reverse("value:unit_costs")
    asked = dict.fromkeys(UNIT_COSTS_FEN, "0")
    assert client.post(costs, {**asked, "complaint": "-1"}).status_code == 422
    assert not UnitCosts.objects.exists()
    assert client.post(costs, {**asked, "complaint": "1234.50"}).status_code == 302
    assert queries.unit_costs()["complaint"] == 123_450
    assert AuditEvent.objects.filter(action_code="value.unit_costs", user_id=served.users["marketer"].pk).count() == 1
    said = client.get(page).content.decode()
    assert "¥2,469" in said  # two complaints
    assert "tier_pyramid.eq.DIAMOND%2Cevent.ticket.times.gte.1.365d" in said
    assert f"{reverse('customers:list')}?f=tier_pyramid.eq.DIAMOND" in said
    drill = f"{reverse('segments:new')}?f=tier_pyramid.eq.DIAMOND%2Cevent.ticket.times.gte.1.365d"
    assert client.get(drill).status_code == 200
    assert client.post(costs, {"default": "1"}).status_code == 302
    assert queries.unit_costs() == UNIT_COSTS_FEN
    client.force_login(served.users["manager"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(costs, asked).status_code == 403
