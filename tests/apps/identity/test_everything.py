"""The nightly run over everything: what it puts right, what it leaves alone, and what comes in beside it."""

import random
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from tests.apps.identity_chain import Chain

from huitou.apps.base import jobs, leases
from huitou.apps.base.models import Job
from huitou.apps.builds.schedules import SCHEDULES
from huitou.apps.identity.models import Decision, Edge, ResolveMark
from huitou.apps.identity.services import CustomerRecord, Outcome, everything_resolve, person_merge, record_upsert
from huitou.apps.intake.services import Lane

pytestmark = pytest.mark.django_db

JOB = "identity.resolve_everything"
PHONE = "13912345678"


def run(chain: Chain) -> Any:
    """Run the planned job at the chain's moment and return its result."""
    planned = jobs.plan(JOB, now=chain.now)
    assert jobs.run_attempt(planned.pk, lambda: chain.now) is jobs.Outcome.DONE
    return Job.objects.get(pk=planned.pk).result


@pytest.mark.accept("S22")
def test_the_night_parts_whom_older_weights_had_joined_and_changes_nothing_else(chain: Chain):
    rows = [{"record_id": 1 + at, "member_card": f"VIP{10_001 + 7 * at}", "phone": f"138{at:02}71{at:02}53"} for at in range(12)]
    chain.apply("membership", rows)
    persons = chain.persons()
    assert len(set(persons.values())) == 12
    person_merge(person_id=persons[1], other_id=persons[2], by=1, reason="", now=chain.now)
    Decision.objects.all().delete()  # as if the matcher had joined them
    assert run(chain) == {"records": 12, "changes": 1}
    parted = chain.persons()
    assert len(set(parted.values())) == 12
    assert {record for record, person in parted.items() if person != persons[record]} == {2}
    assert run(chain) == {"records": 12, "changes": 0}
    assert chain.persons() == parted


@pytest.mark.accept("S22")
def test_the_night_parts_who_came_one_by_one_with_numbers_given_out_in_order(chain: Chain):
    """Before any run over everything a near card and a near phone pass for slips; beside all others they are just the next."""
    draw = random.Random(2)
    names = [family + given for family in "王李张刘陈" for given in ("伟", "芳", "秀英", "建国", "敏", "静")]
    for at in range(60):
        numbers = {"member_card": f"VIP{10_001 + at}", "phone": str(13_810_001_000 + at)}
        record = CustomerRecord("membership", f"M{at}", {"name": draw.choice(names), **numbers}, chain.now, store_id=1)
        record_upsert(record, now=chain.now)
    assert len(set(chain.persons().values())) < 60
    run(chain)
    parted = chain.persons()
    assert len(set(parted.values())) == 60
    assert run(chain) == {"records": 60, "changes": 0}
    assert chain.persons() == parted


def test_it_is_planned_every_night_before_the_base():
    at = {schedule.job_name: schedule.daily_at for schedule in SCHEDULES}
    assert at[JOB] is not None
    assert at[JOB] < at["builds.base"]


@pytest.mark.db_both
def test_who_comes_while_it_runs_keeps_its_links(chain: Chain, monkeypatch: pytest.MonkeyPatch):
    chain.apply("mall", [{"record_id": 901, "phone": PHONE, "name": "王小芳"}, {"record_id": 902, "phone": "13987654321"}])
    module = import_module("huitou.apps.identity.services.map_resolve")
    matcher, came = module.component_resolve, []

    def slow(*args: Any) -> Any:
        found = matcher(*args)
        if args[0] is None:
            record = CustomerRecord("pos", "P1", {"phone": PHONE, "name": "王小芳"}, chain.now)
            came.append(record_upsert(record, now=chain.now + timedelta(seconds=5)))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(module, "component_resolve", slow)
        everything_resolve(now=chain.now)
    (told,) = came
    assert told.outcome is Outcome.JOINED
    assert chain.groups() == {frozenset({901, told.record_id}), frozenset({902})}
    assert {told.record_id, 901} in [{edge.record_a, edge.record_b} for edge in Edge.objects.all()]
    assert not ResolveMark.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_a_back_fill(chain: Chain):
    planned = jobs.plan(JOB, now=chain.now)
    with leases.hold(Lane.BULK.lease):
        assert jobs.run_attempt(planned.pk) is jobs.Outcome.BUSY
    assert jobs.run_attempt(planned.pk) is jobs.Outcome.DONE
