"""Person facts reach the operations database in small steps, or in a new table, and only through one SQLite library."""

import subprocess
import sys

import pytest
from tests.installation import Installation

from huitou.apps.base.pace import Pace
from huitou.apps.builds.models import PublishState
from huitou.apps.builds.services import cycle_run, publish, publish_run
from huitou.apps.customers.models import PersonFacts
from huitou.warehouse.facts_schema import COLUMNS

from .conftest import NOW


def stored():
    return list(PersonFacts.objects.order_by("pk").values_list(*COLUMNS))


@pytest.mark.django_db(transaction=True)
@pytest.mark.db_both
def test_a_full_load_puts_a_new_table_in_the_old_ones_place_again_and_again(tills, monkeypatch):
    tills.bring(0, 1)
    cycle_run(now=NOW)
    wanted = stored()
    monkeypatch.setattr(publish, "FULL_LOAD_FROM", 0)
    monkeypatch.setattr(publish, "Pace", lambda: Pace(rows=7))
    for _ in range(3):
        PersonFacts.objects.update(net_fen=-1)
        PublishState.objects.update(writing_version=99)  # as a publish leaves it that was cut short
        assert publish_run(now=NOW).way == "full"
        assert stored() == wanted
    assert PublishState.objects.get().writing_version is None
    assert PersonFacts.objects.order_by("-net_365d_fen", "pk").first() is not None


def test_no_second_sqlite_library_is_loaded_by_the_pipeline(tmp_path):
    """ADBC's SQLite beside Python's loses committed rows; nothing on the way to a publish may bring it in."""
    code = (
        "import sys, django; django.setup(); import huitou.apps.builds.jobs, huitou.web.urls; "
        "print([name for name in sys.modules if name.startswith('adbc')])"
    )
    environment = Installation(tmp_path).environment
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
