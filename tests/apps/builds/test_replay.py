"""The landing alone gives the same curated tables again, after an erasure too."""

import shutil

import pytest
from django.core.management import call_command

from huitou.apps.builds.services import base_run, cycle_run
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.intake.services import landing_replay
from huitou.apps.privacy.services import person_erase
from huitou.warehouse.compare import canonical_hash
from huitou.warehouse.switch import current

from .conftest import NOW


@pytest.mark.db_both
@pytest.mark.accept("S14")
@pytest.mark.django_db(transaction=True)
def test_a_replay_from_empty_gives_equal_curated_tables_after_erasures(tills, layout):
    tills.bring(0, 1, 2)
    cycle_run(now=NOW)
    tills.bring(3, 9)
    cycle_run(now=NOW)
    whole = canonical_hash(layout, current(layout))
    erased = Person.objects.filter(is_live=True, pk__in=PersonFacts.objects.values("pk")).earliest("id")
    person_erase(person_id=erased.pk, by=None, reason_code="request", now=NOW)
    base_run(now=NOW)
    before = canonical_hash(layout, current(layout))
    persons = PersonFacts.objects.count()
    assert before != whole

    call_command("flush", interactive=False, verbosity=0)
    PersonFacts.objects.all().delete()  # the table is the publisher's, flush does not know it
    shutil.rmtree(layout.warehouse)
    assert landing_replay(now=NOW) == 2
    cycle_run(now=NOW)
    assert canonical_hash(layout, current(layout)) == before
    assert PersonFacts.objects.count() == persons
