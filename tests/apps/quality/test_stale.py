"""What nobody verified for long: values of the file and of third parties together, in reach, page by page, told by night."""

from datetime import UTC, date, datetime, timedelta

import pytest

from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.customers.queries import stale
from huitou.apps.customers.queries.stale import persons_stale_count
from huitou.apps.customers.services import PersonFile, person_ids_reserve, persons_forget, persons_project
from huitou.apps.quality.stale import STALE_AFTER_DAYS, stale_page, stale_pages
from huitou.apps.value.models import PersonTag
from huitou.apps.value.services import TagRefused, tag_confirm

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.accept("S15")]
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
ADMIN = Viewer(1, "admin", None)
GUIDE = Viewer(2, "guide", frozenset({1}))
STRANGER = Viewer(3, "guide", frozenset({99}))


def project(person_id: int, store_id: int, **days_ago: int) -> None:
    """Write a file whose values were told so many days ago."""
    texts = {"name": "王小芳", "phone": "13812345678", "address": "苏州市人民路 1 号"}
    values = {
        name: {
            "value": texts[name], "record_id": 1, "source_code": "mall", "observed_at": (NOW - timedelta(days=days)).isoformat(),
        }
        for name, days in days_ago.items()
    }  # fmt: skip
    persons_project([PersonFile(person_id, values, {}, 1, 1, True, store_id, NOW)], now=NOW)


@pytest.fixture
def people():
    """1: an old phone; 2: everything fresh, an old attribute of a third party; 3: both, of another store; 4: fresh."""
    ids = person_ids_reserve(4)
    project(ids[0], 1, name=10, phone=STALE_AFTER_DAYS + 1)
    project(ids[1], 1, name=STALE_AFTER_DAYS)
    project(ids[2], 2, address=900, name=900)
    project(ids[3], 1, name=1)
    told = {"title": "收入段", "is_third_party": True, "provider": "x", "basis_code": "consent", "expires_on": date(2027, 1, 1)}
    band = Attribute.objects.create(code="band", type_code="text", stale_after_days=30, created_at=NOW, **told)
    for person_id, days in ((ids[1], 31), (ids[2], 400), (ids[3], 30)):
        AttributeValue.objects.create(
            attribute_id=band.pk, record_id=1, person_id=person_id, source_code="files", text_value="B", is_current=True,
            observed_at=NOW - timedelta(days=days),
        )  # fmt: skip
    return ids


def listed(viewer: Viewer, **asked: int) -> dict[int, tuple[str, ...]]:
    return {one.person_id: one.names for one in stale_page(viewer, now=NOW, **asked).persons}


def test_the_list_covers_facts_contacts_and_third_parties_in_reach(people):
    mine = {people[0]: ("phone",), people[1]: ("attribute_band",)}
    assert listed(GUIDE) == mine
    assert listed(ADMIN) == mine | {people[2]: ("name", "address", "attribute_band")}
    assert listed(STRANGER) == {}
    assert listed(ADMIN, days=730) == {people[1]: ("attribute_band",), people[2]: ("name", "address", "attribute_band")}
    assert [persons_stale_count(one, before=date(2026, 5, 25)).number for one in (ADMIN, GUIDE, STRANGER)] == [2, 1, 0]
    (shown,) = stale_page(GUIDE, now=NOW, limit=1).persons
    assert "13812345678" not in str(shown)  # masked for the role


def test_a_count_says_when_there_are_more_than_it_counts(people, monkeypatch):
    asked = {"before": date(2026, 5, 25)}
    monkeypatch.setattr(stale, "COUNTED_AT_MOST", 2)
    assert persons_stale_count(ADMIN, **asked) == stale.Counted(2, is_more=False)
    monkeypatch.setattr(stale, "COUNTED_AT_MOST", 1)
    assert persons_stale_count(ADMIN, **asked) == stale.Counted(1, is_more=True)
    assert persons_stale_count(GUIDE, **asked) == stale.Counted(1, is_more=False)


def test_pages_follow_by_key_and_miss_nobody(people):
    seen, after = [], 0
    while after is not None:
        page = stale_page(ADMIN, now=NOW, after=after, limit=1)
        seen += [one.person_id for one in page.persons]
        after = page.next_after
    assert seen == people[:3] == [one.person_id for block in stale_pages(ADMIN, now=NOW) for one in block]


def test_what_is_told_again_or_erased_is_not_listed_any_more(people):
    project(people[0], 1, name=10, phone=0)
    persons_forget([people[2]], now=NOW)
    assert listed(ADMIN) == {people[1]: ("attribute_band",)}
    assert Person.objects.get(pk=people[2]).oldest_value_on is None


def tag(person_id: int, *, days: int, **more: object) -> PersonTag:
    return PersonTag.objects.create(person_id=person_id, tag_code="picnic", given_at=NOW - timedelta(days=days), **more)


def test_tags_that_nobody_confirmed_are_listed_and_a_confirmation_takes_them_off(people):
    old, far = tag(people[0], days=STALE_AFTER_DAYS + 1), tag(people[2], days=999)
    tag(people[1], days=STALE_AFTER_DAYS)
    tag(people[3], days=999, is_current=False)
    tag(people[3], days=999, note=b"sealed")  # somebody's words of a day
    assert listed(GUIDE)[people[0]] == ("phone", "tag_picnic")
    assert listed(ADMIN)[people[2]][-1] == "tag_picnic"
    assert people[3] not in listed(ADMIN)
    for viewer, row in ((STRANGER, old), (GUIDE, far)):
        with pytest.raises(TagRefused, match="not_found"):
            tag_confirm(viewer=viewer, person_id=row.person_id, tag_id=row.pk, now=NOW)
    tag_confirm(viewer=GUIDE, person_id=people[0], tag_id=old.pk, now=NOW)
    assert listed(GUIDE)[people[0]] == ("phone",)
    assert stale_page(ADMIN, now=NOW, days=90).persons[0].names == ("phone",)
