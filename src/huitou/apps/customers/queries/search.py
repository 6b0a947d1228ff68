"""Find persons by a value they are known under: keyed hashes only, no substring search."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from huitou.apps.base import seen
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import SearchKey
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.queries.person import PersonField, persons_in_reach, shown_fields
from huitou.apps.customers.rules import SEARCH_FORMS

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """One hit: what the viewer may see of the file, and which kinds of key the text met."""

    person_id: int
    fields: dict[str, PersonField]
    home_store_id: int | None
    is_member: bool


def search_hashes(text: str) -> dict[str, int]:
    """Return {kind: hash} for every kind of key that the typed text may be; an unreadable text gives none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    ring = keyring()
    typed = {form.kind: form.typed(plain) for form in SEARCH_FORMS} if plain else {}
    return {kind: ring.hash(kind, value) for kind, value in typed.items() if value is not None}


def persons_found(viewer: Viewer, text: str, *, after: int = 0, limit: int = PAGE_SIZE) -> list[FoundPerson]:
    """
    Return at most `limit` persons in reach that are known under the text, by id; pass the last id as `after` to go on.

    The text may be a full phone, card or e-mail, the last four signs of a phone or card, a full name, a surname, or the
    first letters of a name's pinyin.
    """
    hashes = list(search_hashes(text).values())
    if not hashes:
        return []
    known = SearchKey.objects.filter(key_hash__in=hashes, person_id__gt=after).values("person_id")
    persons = list(persons_in_reach(viewer).filter(pk__in=known, pk__gt=after).order_by("pk")[:limit])
    for person in persons:
        seen.note(person.pk)
    ring = keyring()
    return [
        FoundPerson(
            person_id=person.pk,
            fields=shown_fields(viewer, profile_open(ring, person.pk, person.profile)),
            home_store_id=person.home_store_id,
            is_member=person.is_member,
        )
        for person in persons
    ]


def persons_keyed(key_hashes: Collection[int], *, person_ids: Collection[int] | None = None) -> set[int]:
    """Return the persons, of these or of all, who are found under one of these search keys. For gates and jobs, no screen."""
    rows = SearchKey.objects.filter(key_hash__in_list=sorted(key_hashes))
    if person_ids is not None:
        rows = rows.filter(person_id__in_list=sorted(person_ids))
    return set(rows.values_list("person_id", flat=True))


def keys_of(person_ids: Collection[int]) -> dict[int, set[int]]:
    """Return the search keys of these persons: who of them is found under each. For gates and jobs, no screen."""
    found: dict[int, set[int]] = {}
    rows = SearchKey.objects.filter(person_id__in_list=sorted(person_ids)).values_list("key_hash", "person_id")
    for key_hash, person_id in rows:
        found.setdefault(key_hash, set()).add(person_id)
    return found
