"""Imported tickets: one row per source and id, statuses in the order they happened, following their person."""

from datetime import UTC, datetime, timedelta

import pytest

from huitou.apps.base import hooks
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.identity.queries import persons_of_records
from huitou.apps.intake.services import batches_apply, source_configure, source_pull, sources_seal
from huitou.apps.products.models import Store
from huitou.apps.service.models import Ticket, TicketStatus
from huitou.apps.service.queries import ticket_detail, tickets_in_reach, tickets_of
from huitou.apps.service.services import person_copied, tickets_apply, tickets_erase, tickets_follow
from huitou.connectors.aftersales import fake_store
from huitou.connectors.fakes import serve_fakes

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
AGENT = Viewer(1, "agent", None)
SECRET = "送来的鸡蛋碎了"


@pytest.fixture
def desk(tmp_path):
    """The fake desk, connected."""
    with serve_fakes(tmp_path / "chain") as fakes:
        source_configure(code="aftersales", kind_code="aftersales", settings=fakes.settings["aftersales"], now=NOW)
        yield fakes.aftersales_path


def ticket(no, minute, **changes):
    moment = f"2026-11-20T10:{minute:02d}:00+08:00"
    return {
        "id": no,
        "contact": {"id": "K1", "name": "王小芳", "phone": "13800001234", "wx_openid": None, "email": None},
        "order_no": "A1",
        "store_code": "S01",
        "sku": None,
        "category": "complaint",
        "status": "open",
        "subject": "破损",
        "body": SECRET,
        "created_at": "2026-11-20T10:00:00+08:00",
        "updated_at": moment,
    } | changes


def event(no, happened, recorded, status, ticket_no="T1"):
    return {
        "id": no,
        "ticket_id": ticket_no,
        "status": status,
        "occurred_at": f"2026-11-20T10:{happened:02d}:00+08:00",
        "recorded_at": f"2026-11-20T11:{recorded:02d}:00+08:00",
    }


def run(minutes):
    """Pull, seal and apply as the schedule does."""
    now = NOW + timedelta(minutes=minutes)
    source_pull(source_code="aftersales", now=now)
    sources_seal(now=now)
    return batches_apply(now=now)


def at(minute):
    return datetime(2026, 11, 20, 2, minute, tzinfo=UTC)


@pytest.mark.accept("S6")
def test_updates_out_of_order_end_in_one_ticket_with_its_history_in_order(desk):
    fake_store.put(desk, "events", [event("V3", 30, 1, "solved"), event("V1", 5, 2, "pending")])
    run(1)
    assert not Ticket.objects.exists()  # the events came before their ticket
    fake_store.put(desk, "tickets", [ticket("T1", 10)])
    run(2)
    one = Ticket.objects.get(source_code="aftersales", ticket_no="T1")
    assert (one.status_code, one.status_at, one.version_at) == ("solved", at(30), at(10))
    fake_store.put(desk, "events", [event("V2", 20, 5, "reopened"), event("V4", 40, 6, "closed")])
    fake_store.put(desk, "tickets", [ticket("T1", 20, status="reopened", subject="破损，补充")])
    run(3)
    fake_store.put(desk, "events", [event("V1", 5, 9, "pending")])  # sent again
    run(4)
    assert run(5) == []  # nothing new: nothing lands
    detail = ticket_detail(AGENT, one.pk)
    assert [(step.event_no, step.status_code) for step in detail.history] == [
        ("V1", "pending"), ("V2", "reopened"), ("V3", "solved"), ("V4", "closed"),
    ]  # fmt: skip
    assert (detail.row.status_code, detail.row.status_at, detail.subject, detail.body) == ("closed", at(40), "破损，补充", SECRET)
    assert (Ticket.objects.count(), TicketStatus.objects.count()) == (1, 4)


def test_the_same_batch_again_changes_nothing(desk):
    fake_store.put(desk, "tickets", [ticket("T1", 10), ticket("T2", 11, contact=None)])
    fake_store.put(desk, "events", [event("V1", 30, 1, "solved")])
    (batch_id,) = run(1)
    before = list(Ticket.objects.order_by("pk").values()), list(TicketStatus.objects.order_by("pk").values())
    tickets_apply(hooks.BatchLanded(batch_id, "aftersales", NOW))
    assert before == (list(Ticket.objects.order_by("pk").values()), list(TicketStatus.objects.order_by("pk").values()))


def test_a_ticket_belongs_to_its_contact_and_texts_are_stored_encrypted(desk):
    fake_store.put(desk, "tickets", [ticket("T1", 10), ticket("T2", 11, contact=None)])
    run(1)
    known, anonymous = Ticket.objects.order_by("ticket_no")
    assert persons_of_records([known.record_id]) == {known.record_id: known.person_id}
    assert anonymous.person_id is None
    assert SECRET.encode() not in bytes(known.body)
    assert [row.ticket_no for row in tickets_of(AGENT, known.person_id)] == ["T1"]


def test_a_stranger_sees_no_ticket_in_list_nor_by_number(desk):
    fake_store.put(desk, "tickets", [ticket("T1", 10), ticket("T2", 11, contact=None)])
    run(1)
    store = Store.objects.get(code="S01")
    person_id = Ticket.objects.get(ticket_no="T1").person_id
    Person.objects.filter(pk=person_id).update(home_store_id=store.pk)
    guide, stranger = Viewer(2, "guide", frozenset({store.pk})), Viewer(3, "guide", frozenset({store.pk + 1}))
    assert tickets_in_reach(guide).count() == 2
    assert len(tickets_of(guide, person_id)) == 1
    assert tickets_in_reach(stranger).count() == 0
    assert tickets_of(stranger, person_id) == []
    assert [ticket_detail(stranger, one.pk) for one in Ticket.objects.all()] == [None, None]


def test_a_ticket_follows_its_record_through_merge_and_undo(desk):
    fake_store.put(desk, "tickets", [ticket("T1", 10)])
    run(1)
    one = Ticket.objects.get()
    there = hooks.RecordMove(one.record_id, one.person_id, 999)
    back = hooks.RecordMove(one.record_id, 999, one.person_id)
    for move, expected in ((there, 999), (there, 999), (back, one.person_id)):
        tickets_follow(hooks.IdentityChange(1, (move,), (), (), NOW))
        assert Ticket.objects.get().person_id == expected


def test_erasure_empties_the_ticket_and_a_copy_holds_it_before(desk):
    fake_store.put(desk, "tickets", [ticket("T1", 10)])
    run(1)
    one = Ticket.objects.get()
    copy = person_copied(hooks.PersonCopy(one.person_id, (one.record_id,)))
    assert [(held["ticket_no"], held["body"]) for held in copy["tickets"]] == [("T1", SECRET)]
    tickets_erase(hooks.PersonErased(one.person_id, (one.record_id,), NOW))
    one.refresh_from_db()
    assert (one.record_id, one.person_id, one.subject, one.body, one.ticket_no) == (None, None, None, None, "T1")
    assert person_copied(hooks.PersonCopy(1, (1,))) == {"tickets": []}
