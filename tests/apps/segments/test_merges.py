"""Members of a segment when files become one and become what they were again: the refresh after the next build follows."""

from datetime import timedelta

import pytest
from tests.apps.identity_chain import Chain
from tests.apps.segments.world import BUYS_TWICE, MARKETER, NOW
from tests.warehouse.chain import Chain as Store
from tests.warehouse.chain import Document, Line, days_before

from huitou.apps.identity import services
from huitou.apps.identity.queries import record_map
from huitou.apps.segments import queries
from huitou.apps.segments.lists import unpacked
from huitou.apps.segments.models import SegmentList, SegmentMember
from huitou.apps.segments.services import segment_create, segment_refresh

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
ORDERS = ((1, 5), (1, 9), (2, 5), (3, 7))  # record, days ago: the person of record 1 bought twice, the others once


def persons():
    """Record -> person."""
    return dict(zip(*(record_map()[name].to_pylist() for name in ("record_id", "person_id")), strict=True))


@pytest.fixture
def refreshed(layout):
    """Build the store anew with the persons of now, refresh the segment of who bought twice, return its members."""
    Chain(layout).apply("mall", [
        {"record_id": number, "phone": f"1391234567{number}", "name": name, "phone_verified": True}
        for number, name in ((1, "王小芳"), (2, "李雷"), (3, "韩梅"))
    ])  # fmt: skip
    store = Store(layout)
    store.land([
        Document(number, days_before(days), (Line(1, 300),), record_id=record, store_id=1)
        for number, (record, days) in enumerate(ORDERS, start=1)
    ], batch_id=2)  # fmt: skip
    segment = segment_create(viewer=MARKETER, name="两单", rule=BUYS_TWICE, now=NOW)
    versions = iter(range(1, 9))

    def build_and_refresh():
        version = next(versions)
        store.publish(version, persons())
        segment_refresh(segment_id=segment.pk, now=NOW + timedelta(minutes=version))
        found = members(segment)
        assert unpacked(SegmentList.objects.get(segment=segment).ids).tolist() == found  # what a send would take
        return found

    return build_and_refresh


def members(segment):
    rows = SegmentMember.objects.filter(segment_id=segment.pk, left_refresh_id=None).order_by("person_id")
    return list(rows.values_list("person_id", flat=True))


def persons_now():
    """Record -> person."""
    return dict(zip(*(record_map()[name].to_pylist() for name in ("record_id", "person_id")), strict=True))


def merge(one, other):
    return services.person_merge(person_id=one, other_id=other, by=7, reason="", now=NOW).pk


def undo(event_id):
    services.identity_undo(event_id=event_id, by=7, reason="", now=NOW)


def test_a_member_who_is_merged_away_leaves_to_the_survivor_and_an_undo_brings_the_member_back(refreshed):
    before = persons()
    assert refreshed() == [before[1]]
    event_id = merge(before[2], before[1])
    survivor = persons()[1]
    assert refreshed() == [survivor]
    (stay,) = queries.stays_in_reach(MARKETER, survivor)
    assert stay.is_open
    undo(event_id)
    assert persons() == before
    assert refreshed() == [before[1]]


def test_two_who_become_one_are_in_by_what_they_bought_together_until_it_is_undone(refreshed):
    before = persons()
    assert refreshed() == [before[1]]
    event_id = merge(before[2], before[3])
    assert refreshed() == sorted({before[1], persons()[3]})
    undo(event_id)
    assert refreshed() == [before[1]]
