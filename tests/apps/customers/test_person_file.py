"""One person's file, search, reveal: what each viewer gets and does not get."""

from datetime import datetime, timedelta

import pytest
from tests.apps.customers.people import NOW

from huitou.apps.accounts.roles import Role
from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person, SearchKey
from huitou.apps.customers.profiles import PersonFile
from huitou.apps.customers.queries import person_file, persons_found, persons_in_reach
from huitou.apps.customers.services import RevealRefused, field_reveal, person_ids_reserve, persons_close, persons_project

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

GUIDE = Viewer(3, Role.GUIDE, frozenset({1}))
OUTSIDER = Viewer(4, Role.GUIDE, frozenset({2}))
ANALYST = Viewer(5, Role.ANALYST, None)
VALUES = {"name": "王小芳", "phone": "13912345678", "member_card": "660123458842", "gender": "F", "email": "zhang.wei@qq.com"}

SAME = ("phone", "email", "name")


def file_of(person_id, *, store_id=1, **values):
    origin = {"record_id": 11, "source_code": "mall", "observed_at": NOW.isoformat()}
    values = {**VALUES, **values}
    return PersonFile(
        person_id=person_id,
        values={name: {"value": value, **origin} for name, value in values.items()},
        searched={kind: [values[name]] for kind, name in (*zip(SAME, SAME, strict=True), ("card", "member_card"))},
        record_count=2, source_count=2, is_member=True, store_id=store_id, registered_at=NOW,
    )  # fmt: skip


@pytest.fixture
def anna():
    (person_id,) = person_ids_reserve(1)
    persons_project([file_of(person_id)], now=NOW)
    return person_id


def test_the_file_is_masked_by_role_and_names_its_sources(anna):
    seen = person_file(GUIDE, anna)
    assert {name: field.text for name, field in seen.fields.items()} == {
        "name": "王小芳", "phone": "139****5678", "member_card": "6601****8842", "email": "z***@qq.com", "gender": "F",
    }  # fmt: skip
    assert person_file(ANALYST, anna).name == "王*芳"
    phone = seen.fields["phone"]
    assert (phone.source_code, phone.record_id, phone.observed_at) == ("mall", 11, NOW)
    assert seen.completeness_share == pytest.approx(0.30 + 0.20 + 0.10 + 0.10)


def test_a_viewer_of_another_store_gets_nothing(anna):
    assert person_file(OUTSIDER, anna) is None
    assert person_file(Viewer(9, Role.GUIDE, frozenset()), anna) is None
    assert persons_found(OUTSIDER, VALUES["phone"]) == []
    assert not persons_in_reach(OUTSIDER).exists()
    with pytest.raises(RevealRefused, match="not_found"):
        field_reveal(viewer=OUTSIDER, person_id=anna, field="phone", reason_code="call", now=NOW)


@pytest.mark.parametrize(
    "text",
    ["13912345678", "+86 139-1234-5678", "5678", "6601 2345 8842", "8842", "Zhang.Wei@qq.com", "王小芳", "王", "wxf", "WXF"],
)  # fmt: skip
def test_a_person_is_found_by_every_key(anna, text):
    assert [hit.person_id for hit in persons_found(GUIDE, text)] == [anna]


@pytest.mark.parametrize("text", ["", "  ", "小芳", "139123", "13900000001", "李", "567", "%", "* or 1=1"])
def test_parts_of_values_find_nobody(anna, text):
    assert persons_found(GUIDE, text) == []


def test_hits_come_in_pages_of_fifty(anna):
    ids = person_ids_reserve(60)
    persons_project([file_of(person_id, phone=f"158{person_id:08d}") for person_id in ids], now=NOW)
    first = persons_found(GUIDE, "王")
    second = persons_found(GUIDE, "王", after=first[-1].person_id)
    assert (len(first), len(second)) == (50, 11)
    assert [hit.person_id for hit in first + second] == [anna, *ids]


def test_a_merged_person_leads_to_its_survivor(anna):
    (other,) = person_ids_reserve(1)
    persons_project([file_of(other, phone="13987654321")], now=NOW)
    persons_close({other: anna}, now=NOW)
    seen = person_file(GUIDE, other)
    assert (seen.person_id, seen.asked_id) == (anna, other)
    assert persons_found(GUIDE, "13987654321") == []
    assert person_file(GUIDE, 10**9) is None


def test_ids_are_never_given_twice():
    first = person_ids_reserve(3)
    persons_project([file_of(first[0])], now=NOW)
    assert not set(first) & set(person_ids_reserve(3))
    assert person_ids_reserve(0) == []


def test_projecting_again_replaces_keys_and_keeps_the_home_store_of_orders(anna):
    Person.objects.filter(pk=anna).update(home_store_id=5)
    persons_project([file_of(anna, phone="13987654321")], now=NOW + timedelta(days=1))
    person = Person.objects.get(pk=anna)
    assert (person.home_store_id, person.created_at) == (5, NOW)
    chief = Viewer(1, Role.ADMIN, None)
    assert persons_found(chief, VALUES["phone"]) == []
    assert len(persons_found(chief, "13987654321")) == 1
    assert SearchKey.objects.filter(person_id=anna).count() == 8


def test_a_reveal_is_limited_and_on_the_record(anna):
    for turn in range(30):
        shown = field_reveal(viewer=GUIDE, person_id=anna, field="phone", reason_code="call", now=NOW + timedelta(seconds=turn))
        assert shown == VALUES["phone"]
    with pytest.raises(RevealRefused, match="limit"):
        field_reveal(viewer=GUIDE, person_id=anna, field="phone", reason_code="call", now=NOW + timedelta(minutes=59))
    assert field_reveal(viewer=GUIDE, person_id=anna, field="phone", reason_code="call", now=NOW + timedelta(minutes=62))
    event = AuditEvent.objects.filter(action_code="customers.reveal").latest("pk")
    assert (event.user_id, event.subject_id, event.detail) == (3, str(anna), {"field": "phone", "reason_code": "call"})


@pytest.mark.parametrize(("viewer", "field", "reason", "code"), [
    (ANALYST, "phone", "call", "not_allowed"), (GUIDE, "wx_openid", "call", "not_allowed"), (GUIDE, "phone", "", "no_reason"),
    (GUIDE, "address", "call", "empty"),
])  # fmt: skip
def test_a_reveal_without_right_or_reason_is_refused(anna, viewer, field, reason, code):
    with pytest.raises(RevealRefused, match=code):
        field_reveal(viewer=viewer, person_id=anna, field=field, reason_code=reason, now=datetime.now(NOW.tzinfo))
    assert not AuditEvent.objects.filter(action_code="customers.reveal").exists()
