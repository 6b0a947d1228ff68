"""Writes of the customers app."""

from huitou.apps.customers.profiles import PersonFile
from huitou.apps.customers.services.field_reveal import RevealRefused, field_reveal
from huitou.apps.customers.services.persons import person_ids_reserve, persons_close, persons_forget, persons_project

__all__ = [
    "PersonFile", "RevealRefused", "field_reveal", "person_ids_reserve", "persons_close", "persons_forget", "persons_project",
]  # fmt: skip
