"""Events: on the person's page and in filters after a micro-batch, in whatever order and however often they come."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from huitou.apps.base import hooks
from huitou.apps.base.listing import Asked, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent, BehaviourFacts
from huitou.apps.behaviour.queries import contacts_counted, contacts_of_in_reach, events_of_in_reach
from huitou.apps.behaviour.services import events_erase, events_follow, person_copied
from huitou.apps.customers.fields import customer_catalogue
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.customers.queries.listing import person_count, person_sorts
from huitou.apps.intake.models import Document, QuarantineCount, SourceCursor
from huitou.apps.intake.services import batches_apply, events_receive, source_configure, sources_seal
from huitou.apps.intake.touchpoints import touchpoints
from huitou.core.filters.tree import Condition, Operator

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
ANALYST = Viewer(1, "analyst", None)


@pytest.fixture(autouse=True)
def miniapp():
    source_configure(code="miniapp", kind_code="events", settings={"secret": "s"}, now=NOW)


def event(type_code, number, *, hour=10, **more):
    return {
        "type": type_code,
        "id": number,
        "occurred_at": f"2026-11-20T{hour:02d}:00:00+08:00",
        "customer": {"openid": "o-1"},
    } | more


def take(*items, now=NOW):
    events_receive(source_code="miniapp", items=items, now=now)


def settle(now=NOW):
    sources_seal(now=now)
    batches_apply(now=now)


@pytest.mark.accept("S9", "S10")
def test_behaviour_and_reviews_are_on_the_timeline_and_in_filters_after_one_micro_batch():
    take(event("view", "v1"), event("review", "r1", hour=12, rating=4, text="很新鲜"), event("add_to_cart", "c1", hour=11))
    settle()
    person = persons_in_reach(ANALYST).get()
    assert [(e.type_code, e.rating, e.text) for e in events_of_in_reach(ANALYST, person.pk)] == [
        ("review", 4, "很新鲜"), ("add_to_cart", None, ""), ("view", None, ""),
    ]  # fmt: skip
    as_of = date(2026, 11, 21)
    for days, expected in ((1, 1), (0, 0)):
        viewed = Condition("days_since_view", Operator.LTE, days)
        asked = Asked(customer_catalogue(), sort_read("id", person_sorts()), as_of, viewed)
        assert person_count(ANALYST, asked).value == expected
    assert BehaviourFacts.objects.get().last_rating == 4
    assert "很新鲜".encode() not in bytes(BehaviourEvent.objects.get(event_no="r1").text)


@pytest.mark.accept("S236")
def test_an_identity_number_in_a_review_is_shown_to_nobody():
    take(event("review", "r1", rating=2, text="退款打到 6222 0210 0111 6645 10 不对，身份证11010519491231002X"))
    settle()
    (shown,) = events_of_in_reach(ANALYST, persons_in_reach(ANALYST).get().pk)
    assert "002X" in shown.text
    assert "11010519491231002X" not in shown.text


def test_the_moment_of_the_last_row_follows_within_seconds():
    def last():
        return SourceCursor.objects.get(source_code="miniapp").last_row_at

    for seconds, expected in ((0, 0), (5, 0), (6, 6), (3, 6), (11, 6), (12, 12)):
        take(event("view", f"v{seconds}"), now=NOW + timedelta(seconds=seconds))
        assert last() == NOW + timedelta(seconds=expected)


def test_a_store_that_does_not_own_the_person_sees_nothing():
    take(event("view", "v1"))
    settle()
    stranger = Viewer(2, "guide", frozenset({99}))
    assert events_of_in_reach(stranger, persons_in_reach(ANALYST).get().pk) == []


@pytest.mark.accept("S7")
def test_repeated_shuffled_and_late_events_end_in_the_same_state():
    """Versions of one customer, orders and views: three orders of arrival, each with repeats, give equal documents."""
    customer = [
        event(
            "customer",
            "c",
            customer={"id": "c1", "name": f"名{n}", "phone": "13812345678"},
            version=f"2026-11-2{n}T00:00:00+08:00",
        )
        for n in (0, 1)
    ]
    order = event("order", "A1", store="S1", lines=[{"product": "P1", "qty": 1, "amount": "12.5"}])
    refund = event("refund", "B1", store="S1", original="A1", lines=[{"product": "P1", "qty": 1, "amount": "12.5", "line_no": 1}])
    every = [*customer, order, refund, event("view", "v1"), event("search", "s1", text="牛奶")]
    states = []
    for seed in range(3):
        source = f"app{seed}"
        source_configure(code=source, kind_code="events", settings={"secret": "s"}, now=NOW)
        shuffled = random.Random(seed).sample(every * 2, len(every) * 2)
        for start in range(0, len(shuffled), 3):
            events_receive(source_code=source, items=shuffled[start : start + 3], now=NOW)
            settle()
        events = BehaviourEvent.objects.filter(source_code=source).order_by("event_no").values_list("event_no", "type_code")
        versions = Document.objects.exclude(version_at=None).count()
        states.append((list(events), versions - sum(state[1] for state in states)))
    assert states[0][0] == [("s1", "search"), ("v1", "view")]
    assert all(state == states[0] for state in states)


def test_an_id_is_one_event_of_its_source_whatever_its_type():
    source_configure(code="till", kind_code="events", settings={"secret": "s"}, now=NOW)
    take(event("view", "1"), event("touch", "2", channel="sms"))
    settle()
    others = [event("search", "1", text="牛奶"), event("view", "1", hour=11)]
    numbers = [
        event("order", "1", store="S1", lines=[{"product": "P1", "qty": 1, "amount": "9"}]),
        event("ticket", "1", subject="坏了"),
    ]
    take(event("view", "1"), *others, *numbers, event("response", "2", channel="sms"))
    events_receive(source_code="till", items=[event("search", "1")], now=NOW)
    settle()
    known = BehaviourEvent.objects.order_by("source_code", "event_no").values_list("source_code", "event_no", "type_code")
    assert list(known) == [
        ("miniapp", "1", "view"), ("miniapp", "2", "touch:sms"), ("miniapp", "response:2", "response:sms"),
        ("till", "1", "search"),
    ]  # fmt: skip
    refused = QuarantineCount.objects.values_list("source_code", "kind_code", "reason_code", "row_count")
    assert list(refused) == [("miniapp", "event", "conflict", len(others))]


def test_events_follow_their_record_and_are_emptied_on_erasure():
    take(event("review", "r1", rating=2, text="坏了"))
    settle()
    stored = BehaviourEvent.objects.get()
    person = stored.person_id
    other = person + 1_000
    move = hooks.RecordMove(stored.record_id, person, other)
    events_follow(hooks.IdentityChange(1, (move,), (), (), NOW))
    assert BehaviourFacts.objects.get().person_id == other
    (copied,) = person_copied(hooks.PersonCopy(other, (stored.record_id,)))["behaviour"]
    assert (copied["rating"], copied["text"]) == (2, "坏了")
    events_erase(hooks.PersonErased(other, (stored.record_id,), NOW))
    stored.refresh_from_db()
    assert (stored.text, stored.record_id, stored.person_id) == (None, None, None)
    assert not BehaviourFacts.objects.exists()


@pytest.mark.accept("S44")
def test_touches_and_answers_are_counted_by_channel_and_follow_their_record():
    take(
        event("touch", "m1", channel="sms"), event("response", "m1", hour=12, channel="sms"),
        event("touch", "m2", hour=13, channel="sms"),
        event("touch", "m3", channel="wecom"), event("touch", "m4", channel="pigeon"), event("touch", "m5", channel="store"),
    )  # fmt: skip
    settle()
    person = persons_in_reach(ANALYST).get()
    assert contacts_of_in_reach(ANALYST, person.pk) == {"sms": (2, 1), "wecom": (1, 0)}
    assert contacts_of_in_reach(Viewer(2, "guide", frozenset({999})), person.pk) == {}
    assert (
        list(contacts_counted([person.pk])) == list(contacts_counted()) == [(person.pk, "sms", 2, 1), (person.pk, "wecom", 1, 0)]
    )
    assert list(QuarantineCount.objects.values_list("reason_code", "row_count")) == [("unknown_code", 2)]
    record = BehaviourEvent.objects.filter(event_no="m1").values_list("record_id", flat=True)[0]
    move = hooks.RecordMove(record, person.pk, person.pk + 1_000)
    events_follow(hooks.IdentityChange(1, (move,), (), (), NOW))
    assert {row[0] for row in contacts_counted()} == {person.pk + 1_000}
    events_erase(hooks.PersonErased(person.pk + 1_000, (record,), NOW))
    assert list(contacts_counted()) == []


@pytest.mark.accept("S17")
def test_a_silent_touchpoint_is_named_and_master_data_never_is():
    take(event("view", "v1"), event("order", "A1", store="S1", lines=[{"product": "P1", "qty": 1, "amount": 1}]))
    settle()
    soon = {touch.code: touch for touch in touchpoints(now=NOW + timedelta(hours=1))}
    assert {code: touch.rows_24h for code, touch in soon.items()} == {"view": 1, "order": 1, "customer": 1}
    assert not any(touch.silent_for for touch in soon.values())
    later = {touch.code: touch for touch in touchpoints(now=NOW + timedelta(hours=25))}
    assert {code for code, touch in later.items() if touch.silent_for} == {"view", "order"}
    assert later["view"].rows_24h == 0
