"""Writes of the customers app."""

from huitou.apps.customers.profiles import PersonFile
from huitou.apps.customers.services.facts import FactsTable, SwapRefused, facts_delete, facts_write, home_stores_write
from huitou.apps.customers.services.field_reveal import REVEAL_ACTION, RevealRefused, field_reveal, reveals_left
from huitou.apps.customers.services.persons import (
    person_hold,
    person_ids_reserve,
    person_ids_skip,
    person_rows,
    persons_add,
    persons_close,
    persons_forget,
    persons_hold,
    persons_project,
    search_keys_add,
    search_rows,
)
from huitou.apps.customers.services.weights_save import completeness_recount, weights_save

__all__ = [
    "REVEAL_ACTION",
    "FactsTable",
    "PersonFile",
    "RevealRefused",
    "SwapRefused",
    "completeness_recount",
    "facts_delete",
    "facts_write",
    "field_reveal",
    "home_stores_write",
    "person_hold",
    "person_ids_reserve",
    "person_ids_skip",
    "person_rows",
    "persons_add",
    "persons_close",
    "persons_forget",
    "persons_hold",
    "persons_project",
    "reveals_left",
    "search_keys_add",
    "search_rows",
    "weights_save",
]  # fmt: skip
