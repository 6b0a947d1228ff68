"""A rule rests on what is inferred when it asks that, or members or look-alikes of a segment that ever did."""

from datetime import UTC, datetime

import pytest

from huitou.apps.segments.inferred import rests_on_inferred
from huitou.apps.segments.models import LookAlike, Segment, SegmentVersion

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

NOW = datetime(2026, 5, 20, 4, tzinfo=UTC)
STATED = {"field": "orders", "op": "gte", "value": 1}
INFERRED = {"field": "inferred_job", "op": "eq", "value": "clerk"}


def segment(name, *rules):
    """A segment whose versions had these rules, the last in force."""
    made = Segment.objects.create(name=name, owner_id=1, version_number=len(rules), created_at=NOW, updated_at=NOW)
    for number, rule in enumerate(rules, 1):
        SegmentVersion.objects.create(segment=made, number=number, rule=rule, author_id=1, created_at=NOW)
    return made


def alike(source):
    """The condition of who is like the members of a segment."""
    return {"field": f"alike_{LookAlike.objects.create(segment=source, asked_by=1, asked_at=NOW).pk}", "op": "lte", "value": 9}


def inside(*ids, op="in"):
    return {"field": "segment", "op": op, "value": list(ids)}


@pytest.mark.parametrize(
    ("rule", "rests"),
    [
        (STATED, False),
        (INFERRED, True),
        ({"not": {"any": [STATED, {"all": [INFERRED]}]}}, True),
        ({"field": "inferred_gone", "op": "present"}, True),  # of an attribute that is there no more
        ({"all": []}, False),
        ({"event": "purchase", "measure": "times", "op": "gte", "value": 1, "days": 9}, False),
        ({"field": "alike_x", "op": "lte", "value": 9}, False),
        (inside(), False),
    ],
)
def test_a_rule_that_asks_it_itself(rule, rests):
    assert rests_on_inferred(rule) is rests


def test_a_rule_that_asks_it_by_way_of_a_segment_or_of_look_alikes():
    stated, inferred = segment("stated", STATED), segment("inferred", INFERRED)
    past = segment("past", INFERRED, STATED)  # its members may be of before
    far = segment("far", {"all": [STATED, alike(inferred)]})
    for source, rests in ((stated, False), (inferred, True), (past, True), (far, True)):
        assert rests_on_inferred(alike(source)) is rests, source.name
        for rule in (inside(source.pk), {**inside(), "op": "eq", "value": source.pk}, {"not": inside(stated.pk, source.pk)}):
            assert rests_on_inferred(rule) is rests, rule
    assert rests_on_inferred({"field": "segment", "op": "present"})
    inferred.versions.all().delete()
    SegmentVersion.objects.filter(rule=INFERRED).delete()
    assert not rests_on_inferred({"field": "segment", "op": "present"})


def test_two_segments_that_ask_for_each_others_look_alikes_end():
    one, other = segment("one", STATED), segment("other", STATED)
    SegmentVersion.objects.filter(segment=one).update(rule=alike(other))
    SegmentVersion.objects.filter(segment=other).update(rule={"any": [alike(one), STATED]})
    assert not rests_on_inferred(alike(one))
    SegmentVersion.objects.create(segment=other, number=2, rule=INFERRED, author_id=1, created_at=NOW)
    assert rests_on_inferred(alike(one))
