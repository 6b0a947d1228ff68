"""Reads of the customers app; every one for a screen takes the viewer and is cut to the viewer's reach."""

from huitou.apps.customers.queries.clear import persons_in_clear
from huitou.apps.customers.queries.facts import stored_facts
from huitou.apps.customers.queries.person import (
    PersonCard,
    PersonField,
    ids_gone,
    live_ids,
    merged_into,
    minors,
    names_in_reach,
    person_file,
    person_id_in_reach,
    persons_in_reach,
)
from huitou.apps.customers.queries.search import FoundPerson, keys_of, persons_found, persons_keyed
from huitou.apps.customers.weights import weights_in_force as completeness_weights
from huitou.apps.customers.weights import weights_newest as completeness_weights_newest

__all__ = [
    "FoundPerson",
    "PersonCard",
    "PersonField",
    "completeness_weights",
    "completeness_weights_newest",
    "ids_gone",
    "keys_of",
    "live_ids",
    "merged_into",
    "minors",
    "names_in_reach",
    "person_file",
    "person_id_in_reach",
    "persons_found",
    "persons_in_clear",
    "persons_in_reach",
    "persons_keyed",
    "stored_facts",
]
