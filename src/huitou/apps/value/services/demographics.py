"""Keep month of birth and gender beside the sealed files, for tags and filters."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from huitou.apps.base.bulk import rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.customers.queries.demographics import demographics_changed
from huitou.apps.value.models import PersonDemographic
from huitou.core.periods import business_date
from huitou.core.value.demographics import UNKNOWN, month_of_birth

_COLUMNS = ("person", "born_month", "gender_code", "read_at")
_OVERLAP = timedelta(minutes=5)  # a file may be written by a transaction that began earlier
_GENDERS = frozenset({"F", "M"})


def demographics_refresh(*, now: datetime) -> int:
    """Read the files that changed since the last time and keep what they say; return how many."""
    last = PersonDemographic.objects.aggregate(last=Max("read_at"))["last"]
    changed = demographics_changed(None if last is None else last - _OVERLAP)
    today, written = business_date(now), 0
    for part in Pace().cut(changed):
        rows = [
            (person_id, month_of_birth(birthday, today=today), gender if gender in _GENDERS else UNKNOWN, now)
            for person_id, birthday, gender in part
        ]
        with transaction.atomic():
            written += rows_write(PersonDemographic, _COLUMNS, rows, conflict=("person",), update=_COLUMNS[1:])
    return written
