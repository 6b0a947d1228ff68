"""The access log: one entry per answer that showed somebody, and a chain that tells when an entry was touched."""

import pytest

from huitou.apps.base import seen
from huitou.apps.base.clock import utc_now
from huitou.apps.privacy.models import AccessEntry
from huitou.apps.privacy.queries import access_of_person, access_of_user, chain_verify
from huitou.apps.privacy.services import access_record, access_seal

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]


@pytest.fixture
def entries():
    for user, persons in ((1, [7, 3]), (2, [3]), (1, [9])):
        access_record(user_id=user, route_code="customers:list", person_ids=persons, now=utc_now())
    return AccessEntry.objects.order_by("number")


def test_who_saw_a_person_and_whom_a_user_saw(entries):
    start = entries[0].at
    assert access_seal(now=utc_now()) == 3
    assert [(look.user_id, look.persons) for look in access_of_person(3)] == [(2, 1), (1, 2)]
    assert access_of_user(1, since=start, until=utc_now()) == [3, 7, 9]
    assert access_of_user(1, since=utc_now(), until=utc_now()) == []


def test_sealing_again_and_later_entries_continue_the_chain(entries):
    access_seal(now=utc_now())
    assert access_seal(now=utc_now()) == 0
    access_record(user_id=5, route_code="customers:person", person_ids=[3], now=utc_now())
    assert access_seal(now=utc_now()) == 1
    assert chain_verify() == []


@pytest.mark.accept("S236")
@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("a changed viewer", "changed"),
        ("a changed person", "changed"),
        ("a removed entry", "changed"),
        ("a removed open entry", "missing"),
    ],
)
def test_any_touch_of_an_entry_is_found(entries, what, reason):
    if what != "a removed open entry":
        access_seal(now=utc_now())
    touched = entries[1]
    if what == "a changed viewer":
        AccessEntry.objects.filter(pk=touched.pk).update(user_id=99)
    elif what == "a changed person":
        AccessEntry.objects.filter(pk=touched.pk).update(person_ids=[4])
    else:
        touched.delete()
    assert [broken.reason_code for broken in chain_verify()] == [reason]


def test_an_answer_that_showed_nobody_writes_nothing():
    access_record(user_id=1, route_code="data:data", person_ids=[], now=utc_now())
    assert not AccessEntry.objects.exists()


def test_notes_count_only_while_somebody_collects():
    seen.note(1)
    with seen.collecting() as persons:
        seen.note(2)
        seen.note(2)
    assert persons == {2}
