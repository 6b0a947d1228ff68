"""A tag for many by a job: counts that add up, a kill at any place, a reach that shrank meanwhile, undoing in parts."""

from collections import Counter

import pytest
from tests.apps.customers.people import NOW, person_make

from huitou.apps.accounts.models import User
from huitou.apps.base import jobs
from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.value.models import PersonTag, TagChange, TagChangePart
from huitou.apps.value.queries import tag_change_stopped
from huitou.apps.value.services import TagRefused, change_resume, tag_define, tag_give, tags_give, tags_take, tags_undo
from huitou.core.value.tags import Dimension

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
IDS = range(1, 9)
SERVICE = "huitou.apps.value.services.tags_of_many"


@pytest.fixture
def marketer(monkeypatch: pytest.MonkeyPatch) -> Viewer:
    """Eight persons, parts of two, and a marketer whose work goes on without the request."""
    monkeypatch.setattr(f"{SERVICE}.PART", 2)
    author = User.objects.create(username="m", role_code="marketer")
    for number in IDS:
        person_make(number, facts=False)
    tag_define(code="picnic", name="野餐", dimension=next(iter(Dimension)), definition="爱野餐", owner_id=author.pk, now=NOW)
    return Viewer(author.pk, "marketer", None)


def holders() -> Counter[int]:
    return Counter(PersonTag.objects.filter(tag_code="picnic", is_current=True).values_list("person_id", flat=True))


def counts(change: TagChange) -> tuple[int, int, int, int]:
    change.refresh_from_db()
    return change.changed, change.had, change.refused, change.waiting


def test_a_job_gives_everybody_once_and_the_counts_add_up(marketer: Viewer):
    tag_give(viewer=marketer, person_id=3, code="picnic", now=NOW)
    change = tags_give(viewer=marketer, person_ids=[*IDS, 10**9], code="picnic", now=NOW)
    assert counts(change) == (0, 0, 0, 9)
    with pytest.raises(TagRefused, match="running"):
        tags_undo(viewer=marketer, change_id=change.pk, now=NOW)
    Person.objects.filter(pk=5).update(is_live=False)  # merged or erased before its turn
    jobs.run_planned()
    assert counts(change) == (6, 1, 2, 0)
    assert holders() == Counter(set(IDS) - {5})
    traces = AuditEvent.objects.filter(subject_kind="tag_change").order_by("pk").values_list("action_code", "detail__changed")
    assert list(traces) == [("tags.given", None), ("tags.ended", 6)]
    tags_undo(viewer=marketer, change_id=change.pk, now=NOW)
    jobs.run_planned()
    change.refresh_from_db()
    assert (change.undone, change.undo_ended_at is not None, holders()) == (6, True, Counter([3]))
    with pytest.raises(TagRefused, match="not_found"):
        change_resume(viewer=marketer, change_id=change.pk, now=NOW)


@pytest.mark.parametrize("name", ["rows_write", "_counts_kept"])
@pytest.mark.parametrize("at", range(4))
def test_a_kill_at_any_part_loses_nobody_and_doubles_nobody(marketer: Viewer, monkeypatch, name: str, at: int):
    change = tags_give(viewer=marketer, person_ids=IDS, code="picnic", now=NOW)
    real, calls = getattr(__import__(SERVICE, fromlist=[name]), name), iter(range(100))

    def cut(*given: object, **named: object) -> object:
        done = real(*given, **named)
        if next(calls) == at:
            raise KeyboardInterrupt  # nothing catches it, as nothing catches a kill
        return done

    monkeypatch.setattr(f"{SERVICE}.{name}", cut)
    job = Job.objects.get(name="value.tags_of_many")
    with pytest.raises(KeyboardInterrupt):
        jobs.run_attempt(job.pk)
    assert counts(change) == (2 * at, 0, 0, 8 - 2 * at)
    assert sum(holders().values()) == 2 * at
    assert not tag_change_stopped(change)
    jobs.run_attempt(job.pk)
    assert counts(change) == (8, 0, 0, 0)
    assert holders() == Counter(IDS)


def test_a_change_whose_job_failed_goes_on_or_is_undone_as_far_as_it_came(marketer: Viewer):
    stopped = []
    for part in (IDS[:4], IDS[4:]):
        change = tags_give(viewer=marketer, person_ids=part, code="picnic", now=NOW)
        Job.objects.update(state="failed")
        assert tag_change_stopped(change)
        stopped.append(change)
    first, second = stopped
    stranger = Viewer(marketer.user_id + 1, "marketer", None)
    with pytest.raises(TagRefused, match="not_found"):
        change_resume(viewer=stranger, change_id=first.pk, now=NOW)
    change_resume(viewer=marketer, change_id=first.pk, now=NOW)
    jobs.run_planned()
    assert holders() == Counter(IDS[:4])
    tags_undo(viewer=marketer, change_id=second.pk, now=NOW)
    assert not TagChangePart.objects.exists()
    assert counts(second) == (0, 0, 0, 4)


def test_an_author_without_the_role_any_more_is_refused_at_each_part(marketer: Viewer):
    change = tags_give(viewer=marketer, person_ids=IDS, code="picnic", now=NOW)
    User.objects.update(role_code="guide")
    jobs.run_planned()
    assert counts(change) == (0, 0, 8, 0)


def test_what_was_taken_comes_back_once_even_where_it_was_given_again_meanwhile(marketer: Viewer):
    tags_give(viewer=marketer, person_ids=IDS, code="picnic", now=NOW)
    jobs.run_planned()
    taken = tags_take(viewer=marketer, person_ids=IDS, code="picnic", now=NOW)
    jobs.run_planned()
    assert counts(taken) == (8, 0, 0, 0)
    tag_give(viewer=marketer, person_id=2, code="picnic", now=NOW)
    tags_undo(viewer=marketer, change_id=taken.pk, now=NOW)
    jobs.run_planned()
    taken.refresh_from_db()
    assert (taken.undone, holders()) == (8, Counter(IDS))
