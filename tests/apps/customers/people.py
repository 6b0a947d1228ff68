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


def person_make(person_id, *, store_id=1, profile=None, facts=True, **changes):
    """Make one live person; `changes` go to the person or to the facts, by field name. facts=False: not published yet."""
    names = {field.name for field in Person._meta.get_fields()}
    sealed = None
    if profile is not None:
        origin = {"record_id": 1, "source_code": "mall", "observed_at": NOW.isoformat()}
        sealed = profile_seal(keyring(), person_id, {field: {"value": value, **origin} for field, value in profile.items()})
    person = Person.objects.create(
        **{"id": person_id, "home_store_id": store_id, "profile": sealed, "source_count": 1, "created_at": NOW, "updated_at": NOW}
        | {name: value for name, value in changes.items() if name in names}
    )
    if facts:
        PersonFacts.objects.create(
            **{"person_id": person_id, "version": 1, **dict.fromkeys(_COUNTS, 0)}
            | {name: value for name, value in changes.items() if name not in names}
        )
    return person
