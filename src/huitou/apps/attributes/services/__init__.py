"""What may be done with custom attributes."""

from huitou.apps.attributes.services.define import (
    DefinitionRefused,
    attribute_save,
    definition_switch,
    event_type_save,
    preset_add,
)
from huitou.apps.attributes.services.observe import ObservationRefused, value_observe, value_reveal, value_verify, values_expire

__all__ = [
    "DefinitionRefused",
    "ObservationRefused",
    "attribute_save",
    "definition_switch",
    "event_type_save",
    "preset_add",
    "value_observe",
    "value_reveal",
    "value_verify",
    "values_expire",
]
