"""Persons with facts for tests."""

from datetime import UTC, datetime

from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.customers.profiles import profile_seal

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
_COUNTS = [
    field.name
    for field in PersonFacts._meta.get_fields()
    if not field.null and not field.is_relation and field.name not in {"version"}
]


def person_make(person_id, *, facts=True, **changes):
    """Make one live person; `changes` go to the person or to the facts, by field name. facts=False: not published yet."""
    person, numbers = person_of(person_id, **changes)
    person.save(force_insert=True)
    if facts:
        numbers.save(force_insert=True)
    return person


def person_of(person_id, *, store_id=1, profile=None, **changes):
    """Return a person and its facts as `person_make` does, not saved: for many at once."""
    names = {field.name for field in Person._meta.get_fields()}
    sealed = None
    if profile is not None:
        origin = {"record_id": 1, "source_code": "mall", "observed_at": NOW.isoformat()}
        sealed = profile_seal(keyring(), person_id, {field: {"value": value, **origin} for field, value in profile.items()})
    person = Person(
        **{"id": person_id, "home_store_id": store_id, "profile": sealed, "source_count": 1, "created_at": NOW, "updated_at": NOW}
        | {name: value for name, value in changes.items() if name in names}
    )
    numbers = PersonFacts(
        **{"person_id": person_id, "version": 1, **dict.fromkeys(_COUNTS, 0)}
        | {name: value for name, value in changes.items() if name not in names}
    )
    return person, numbers
