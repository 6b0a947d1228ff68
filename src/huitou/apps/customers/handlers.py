"""The customers app's part in erasing and copying a person."""

from typing import Any

from huitou.apps.base.hooks import PersonCopy, PersonErased
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.queries import merged_into
from huitou.apps.customers.services import persons_forget


def file_erase(erased: PersonErased) -> None:
    """Empty the person's file, and the empty shells of persons that were merged into it."""
    persons_forget([erased.person_id, *merged_into(erased.person_id)], now=erased.at)


def file_copy(asked: PersonCopy) -> dict[str, Any]:
    """Return the person's file with the source of every value."""
    person = Person.objects.filter(pk=asked.person_id).first()
    if person is None:
        return {}
    return {
        "profile": profile_open(keyring(), person.pk, person.profile),
        "person": {
            "person_id": person.pk,
            "home_store_id": person.home_store_id,
            "is_member": person.is_member,
            "completeness_share": person.completeness_share,
            "registered_at": None if person.registered_at is None else person.registered_at.isoformat(),
        },
    }
