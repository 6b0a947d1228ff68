"""Two lanes: what comes by itself goes from the inbox to its person while a back-fill is at work, and neither loses anything."""

import io
from importlib import import_module

import pytest

from huitou.apps.base import leases
from huitou.apps.base.jobs import run_planned
from huitou.apps.base.jobs.planning import plan
from huitou.apps.base.models import Job
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.builds.services import backfill_run, backfill_waits
from huitou.apps.identity.models import Edge, Membership, ResolveMark
from huitou.apps.intake import services
from huitou.apps.intake.models import Batch, BatchState, InboxPage
from huitou.apps.intake.services import ImportPages, Lane
from huitou.apps.intake.services.seal import import_lease

from .conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

PHONE = "13761284935"  # one that is no placeholder
MEMBERS = f"会员卡号,姓名,手机号,入会日期\n660001,李建国,{PHONE},2024-03-05\n660002,王晓燕,13988776655,2024-03-05\n"
CUSTOMER = {"type": "customer", "id": "c1", "customer": {"phone": PHONE, "name": "李建国"}}
VIEW = {"type": "view", "id": "v1", "customer": {"phone": PHONE}}


@pytest.fixture(autouse=True)
def app():
    services.source_configure(code="app", kind_code="events", settings={"secret": "s"}, now=NOW)


def uploaded(text=MEMBERS):
    run = services.import_upload(
        stream=io.BytesIO(text.encode()), file_name="会员.csv", source_code="files", kind_code="members", user_id=1, now=NOW
    )
    services.import_map(import_id=run.pk, mapping=run.mapping, constants=run.constants, now=NOW)
    return run


def post(*items):
    services.events_receive(source_code="app", items=[{"occurred_at": NOW.isoformat()} | item for item in items], now=NOW)


def live():
    services.sources_seal(now=NOW, imports=ImportPages.NONE)
    return services.lane_apply(Lane.LIVE, now=NOW)


def states():
    return dict(Batch.objects.order_by("pk").values_list("source_code", "state"))


@pytest.mark.accept("S9")
def test_a_live_customer_is_found_while_a_back_fill_seeks_its_persons(monkeypatch):
    module = import_module("huitou.apps.identity.services.map_resolve")
    matcher = module.component_resolve
    found = {}

    def slow(*arguments):
        resolution = matcher(*arguments)
        if not found:
            found["began"] = True
            post(CUSTOMER, VIEW)
            found["batches"] = live()
            found["person"] = BehaviourEvent.objects.get().person_id
        return resolution

    services.import_run(import_id=uploaded().pk, now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(module, "component_resolve", slow)
        assert len(services.lane_apply(Lane.BULK, now=NOW)) == 1
    assert len(found["batches"]) == 1, "the live batch waited for the back-fill"
    assert found["person"] is not None, "the event found no person"
    assert set(states().values()) == {BatchState.APPLIED}
    assert not ResolveMark.objects.exists()
    persons = dict(Membership.objects.filter(valid_to=None).values_list("record_id", "person_id"))
    assert sorted(list(persons.values()).count(person) for person in set(persons.values())) == [1, 2]
    assert BehaviourEvent.objects.get().person_id in persons.values()
    assert Edge.objects.count() == 1, "the link by phone was lost"


def test_a_file_is_sought_for_once_when_all_of_it_is_there():
    run = uploaded()
    services.import_run(import_id=run.pk, now=NOW)
    post(VIEW)
    with leases.hold(import_lease(run.pk)):  # somebody is bringing more of its rows
        assert services.lane_apply(Lane.BULK, now=NOW) == []
        assert states() == {"files": BatchState.STORED}
        assert len(live()) == 1
    assert len(services.lane_apply(Lane.BULK, now=NOW)) == 1
    assert states() == {"files": BatchState.APPLIED, "app": BatchState.APPLIED}


def test_pages_of_a_file_are_left_to_who_imports_it(monkeypatch):
    run = uploaded()
    monkeypatch.setattr(import_module("huitou.apps.intake.services.import_run"), "_seal", lambda *_: None)
    services.import_run(import_id=run.pk, now=NOW)
    post(VIEW)
    with leases.hold(import_lease(run.pk)):
        services.sources_seal(now=NOW, imports=ImportPages.LEFT)
        assert not backfill_waits()
    assert list(states()) == ["app"]
    services.sources_seal(now=NOW, imports=ImportPages.NONE)
    assert InboxPage.objects.get().import_id == run.pk
    assert backfill_waits()
    services.sources_seal(now=NOW)
    assert not InboxPage.objects.exists()


def test_sealing_ends_where_events_never_stop(monkeypatch):
    module = import_module("huitou.apps.intake.services.seal")
    seal = module._seal
    count = iter(range(1, 10))

    def busy(*arguments, **options):
        post(VIEW | {"id": f"v1-{next(count)}"})  # another one comes while this one is sealed
        return seal(*arguments, **options)

    monkeypatch.setattr(module, "_seal", busy)
    post(VIEW)
    assert len(live()) == 1
    assert InboxPage.objects.count() == 1
    assert len(live()) == 1


def test_the_job_of_every_ten_seconds_leaves_a_back_fill_to_a_job_of_its_own():
    services.import_run(import_id=uploaded().pk, now=NOW)
    post(VIEW)
    plan("builds.intake", now=NOW)
    run_planned(lambda: NOW)
    assert list(Job.objects.filter(name__startswith="builds.").order_by("pk").values_list("name", "state")) == [
        ("builds.intake", "done"), ("builds.backfill", "done"),
    ]  # fmt: skip
    assert states() == {"files": BatchState.APPLIED, "app": BatchState.APPLIED}


def test_who_waits_for_a_back_fill_takes_no_turn_from_what_comes_by_itself():
    services.import_run(import_id=uploaded().pk, now=NOW)
    post(VIEW)
    with leases.hold(Lane.BULK.lease):
        with pytest.raises(leases.LeaseTaken):
            backfill_run(now=NOW)
        assert InboxPage.objects.filter(import_id=None).count() == 1, "the event was sealed by who only waits"
    backfill_run(now=NOW)
    assert states()["files"] == BatchState.APPLIED
