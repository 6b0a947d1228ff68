"""What may be done with custom attributes."""

from huitou.apps.attributes.services.define import DefinitionRefused, attribute_save, definition_switch, event_type_save
from huitou.apps.attributes.services.observe import ObservationRefused, value_observe, value_reveal, value_verify, values_expire

__all__ = [
    "DefinitionRefused",
    "ObservationRefused",
    "attribute_save",
    "definition_switch",
    "event_type_save",
    "value_observe",
    "value_reveal",
    "value_verify",
    "values_expire",
]
