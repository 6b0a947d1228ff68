"""Stored anomalies: a shut store and a card that swipes for many are found the same day, muted, kept in reach, and found anew."""

from datetime import timedelta

import numpy as np
import pytest
from tests.warehouse.chain import AS_OF, Chain, Document, Line, dims
from tests.web.conftest import NOW

from huitou.apps.anomalies import handlers, queries
from huitou.apps.anomalies.models import Anomaly, AnomalyRun
from huitou.apps.anomalies.services import NotThere, anomalies_look, anomaly_mute, anomaly_unmute
from huitou.apps.base.hooks import PersonCopy, PersonErased, ValueComputed
from huitou.apps.base.models import Job
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.warehouse.queries.unusual import card_orders, card_points, store_grid
from huitou.warehouse.scope import Scope

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
MANAGER = Viewer(user_id=1, role_code="manager", store_ids=None)
SHUT, DAYS, DAILY = 2, 100, 12


def land(layout):
    """Six stores with about a dozen orders a day for 100 days; store 2 sells nothing on the last day, record 7 comes 60 times."""
    store = Chain(layout)
    rng = np.random.default_rng(1)
    documents, number = [], 0

    def sell(ago, at, record):
        nonlocal number
        number += 1
        documents.append(Document(number, AS_OF - timedelta(ago), (Line(1, 1_000),), record_id=record, store_id=at))

    for ago in range(DAYS):
        for at in range(1, 7):
            if not (at == SHUT and ago == 0):
                for _ in range(rng.poisson(DAILY)):
                    sell(ago, at, 1_000 + number)
    for _ in range(60):
        sell(0, 3, 7)
    store.land(documents)
    store.publish(1, {record: record for record in (7, *range(1_000, 1_000 + number))}, dims=dims(stores=6))


@pytest.mark.accept("S72")
def test_planted_days_are_found_muted_and_kept_in_reach(layout, db):
    assert anomalies_look(now=NOW) is None  # nothing was built
    land(layout)
    run = anomalies_look(now=NOW)
    found = {(one.kind_code, one.subject_id, one.day): one for one in Anomaly.objects.all()}
    shut, card = found["orders", SHUT, AS_OF], found["card_orders", 7, AS_OF]
    assert (shut.actual, shut.away < -4, shut.low > 0) == (0, True, True)
    assert ("revenue", SHUT, AS_OF) in found
    assert (card.actual, card.store_id) == (60, 3)
    stores = [one for one in found.values() if one.kind_code in ("revenue", "orders") and one.subject_id not in (SHUT, 3)]
    assert len(stores) <= run.answers / 30
    assert run.answers == 3 * 6 * 14
    assert queries.last_look() == run

    here, there = (Viewer(user_id=2, role_code="store_manager", store_ids=frozenset((one,))) for one in (SHUT, 5))
    assert shut in queries.anomalies_of_store(here, SHUT, today=AS_OF)
    assert not queries.anomalies_of_store(there, SHUT, today=AS_OF).exists()
    assert card not in queries.anomalies_shown(here, today=AS_OF)
    with pytest.raises(NotThere):
        anomaly_mute(viewer=there, anomaly_id=shut.pk, until=AS_OF, now=NOW)
    anomaly_mute(viewer=here, anomaly_id=shut.pk, until=AS_OF, now=NOW)
    assert shut not in queries.anomalies_shown(MANAGER, today=AS_OF)
    assert shut in queries.anomalies_shown(MANAGER, today=AS_OF, muted=True)
    assert shut in queries.anomalies_shown(MANAGER, today=AS_OF + timedelta(1))
    anomaly_unmute(viewer=here, anomaly_id=shut.pk, now=NOW)
    assert shut in queries.anomalies_shown(MANAGER, today=AS_OF)

    Anomaly.objects.create(kind_code="orders", subject_id=5, store_id=5, day=AS_OF, actual=1, run_id=run.pk, found_at=NOW)
    again = anomalies_look(now=NOW)
    assert {(one.kind_code, one.subject_id, one.day) for one in Anomaly.objects.all()} == set(found)  # what is odd no more goes
    assert AnomalyRun.objects.count() == 2
    assert again.found == run.found

    assert handlers.person_copied(PersonCopy(7, ()))["anomalies"][0]["times"] == 60
    handlers.person_erased(PersonErased(SHUT, (), NOW))  # a person of the same number as a store
    assert Anomaly.objects.filter(pk=shut.pk).exists()
    handlers.person_erased(PersonErased(7, (), NOW))
    assert handlers.person_copied(PersonCopy(7, ())) == {}
    handlers.value_computed(ValueComputed(1, 1, AS_OF, True, NOW))
    handlers.value_computed(ValueComputed(1, 1, AS_OF, False, NOW))
    assert Job.objects.filter(name="anomalies.look").count() == 1
    with warehouse().read() as reading:
        none = store_grid(reading.cursor, scope=Scope(()), first=AS_OF, last=AS_OF)
        assert none.orders.shape == (1, 0)
        for read in (card_orders, card_points):
            assert read(reading.cursor, scope=Scope(()), first=AS_OF, last=AS_OF).counts.size == 0
