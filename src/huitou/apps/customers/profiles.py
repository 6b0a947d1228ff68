"""A person's file as identity hands it over, and its encrypted form."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from huitou.core.crypto import Keyring
from huitou.core.identity.completeness import filled_bits
from huitou.core.identity.household import home_key
from huitou.core.identity.survivorship import ProfileValue
from huitou.core.periods import business_date
from huitou.core.value.demographics import of_age_on

SEARCHED = ("phone", "card", "email", "name")


@dataclass(frozen=True, slots=True)
class PersonFile:
    """
    What is known of one living person.

    values: the surviving value per field. searched: all values per kind (SEARCHED) under which the person may be found.
    store_id: the store of registration, the home store until orders say otherwise.
    """

    person_id: int
    values: Mapping[str, ProfileValue]
    searched: Mapping[str, Collection[str]]
    record_count: int
    source_count: int
    is_member: bool
    store_id: int | None
    registered_at: datetime | None


def profile_context(person_id: int) -> str:
    return f"customers.person:{person_id}"


def profile_seal(keyring: Keyring, person_id: int, values: Mapping[str, ProfileValue]) -> bytes:
    """Encrypt the values of a person's file."""
    return keyring.encrypt(json.dumps(values, ensure_ascii=False).encode(), context=profile_context(person_id))


def profile_open(keyring: Keyring, person_id: int, sealed: bytes | memoryview | None) -> dict[str, ProfileValue]:
    """Return the values of a person's file; an emptied one has none. Raises DecryptError."""
    if sealed is None:
        return {}
    values: dict[str, ProfileValue] = json.loads(keyring.decrypt(bytes(sealed), context=profile_context(person_id)))
    return values


def comes_of_age(values: Mapping[str, ProfileValue], *, now: datetime) -> date | None:
    """Return the day on which somebody who is under 14 now will not be any more; None for everybody else."""
    if "birthday" not in values:
        return None
    return of_age_on(values["birthday"]["value"], today=business_date(now))


def oldest_value_on(values: Mapping[str, ProfileValue]) -> date | None:
    """Return the business day on which the oldest of the values was last told; None of an empty file."""
    return min((business_date(datetime.fromisoformat(value["observed_at"])) for value in values.values()), default=None)


def file_marks(keyring: Keyring, values: Mapping[str, ProfileValue]) -> tuple[int, int | None, int | None]:
    """
    Return what stands beside the sealed file so that counting opens none: filled key fields, name with birthday hashed, and the
    home hashed.
    """
    alike = None
    if "name" in values and "birthday" in values:
        alike = keyring.hash("look alike", f"{values['name']['value']}|{values['birthday']['value']}")
    home = home_key(values["address"]["value"]) if "address" in values else None
    return filled_bits(values), alike, None if home is None else keyring.hash("home", home)
