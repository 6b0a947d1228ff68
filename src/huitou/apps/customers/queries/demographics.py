"""Birthday and gender of everybody, for the job that turns them into ages: no screen, no viewer."""

from collections.abc import Iterator
from datetime import datetime

from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person
from huitou.apps.customers.profiles import profile_open

_READ_ROWS = 2_000


def demographics_changed(since: datetime | None) -> Iterator[tuple[int, str, str]]:
    """Yield id, birthday (YYYY-MM-DD) and gender code of living persons whose file changed; empty texts where unknown."""
    ring = keyring()
    persons = Person.objects.filter(is_live=True).order_by("pk").values_list("pk", "profile")
    if since is not None:
        persons = persons.filter(updated_at__gte=since)
    last_id = 0
    # Page by page: a cursor left open while others write keeps its first reading, and SQLite refuses to write from an old one.
    while page := list(persons.filter(pk__gt=last_id)[:_READ_ROWS]):
        for person_id, sealed in page:
            values = profile_open(ring, person_id, sealed)
            birthday, gender = (str(values[name]["value"]) if name in values else "" for name in ("birthday", "gender"))
            yield person_id, birthday, gender
        last_id = page[-1][0]
