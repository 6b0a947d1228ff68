"""The JSON schema of the filters of one catalogue, for API documentation and for builders of filters."""

from typing import Any as Json

from huitou.core.filters.catalogue import Catalogue, Field, FieldType
from huitou.core.filters.tree import BARE_OPERATORS, LIST_OPERATORS, MAX_CONDITIONS, MAX_LIST_VALUES, Operator

_DAY = {"type": "string", "format": "date"}


def json_schema(catalogue: Catalogue) -> dict[str, Json]:
    """Return a JSON schema (2020-12) that describes every tree `parse` takes, but for the limits on the whole tree."""
    node = {"$ref": "#/$defs/node"}
    children = {"type": "array", "items": node, "minItems": 1, "maxItems": MAX_CONDITIONS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "anyOf": [{"type": "object", "properties": {"all": {"const": []}}, "required": ["all"]}, node],
        "$defs": {
            "node": {
                "oneOf": [
                    _object({"all": children}),
                    _object({"any": children}),
                    _object({"not": node}),
                    *[_condition(field, operator) for field in catalogue for operator in field.operators],
                ]
            }
        },
    }


def _object(properties: dict[str, Json]) -> dict[str, Json]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _condition(field: Field, operator: Operator) -> dict[str, Json]:
    properties: dict[str, Json] = {"field": {"const": field.name}, "op": {"const": operator.value}}
    value = _value(field)
    if operator in LIST_OPERATORS:
        properties["value"] = {"type": "array", "items": value, "minItems": 1, "maxItems": MAX_LIST_VALUES}
    elif operator is Operator.BETWEEN:
        properties["value"] = {"type": "array", "items": value, "minItems": 2, "maxItems": 2}
    elif operator not in BARE_OPERATORS:
        properties["value"] = value
    return {"title": field.label.zh, **_object(properties)}


def _value(field: Field) -> dict[str, Json]:
    match field.type:
        case FieldType.CODE:
            return {"type": "string", "minLength": 1, "maxLength": 100}
        case FieldType.ENUM:
            return {"enum": [choice.code for choice in field.choices]}
        case FieldType.FLAG:
            return {"type": "boolean"}
        case FieldType.DATE:
            return _DAY
        case FieldType.SHARE:
            return {"type": "number", "minimum": 0, "maximum": 1}
        case FieldType.DAYS_AGO:
            return {"type": "integer", "minimum": 0, "maximum": 36_500}
        case FieldType.INTEGER | FieldType.FEN | FieldType.REFERENCE:
            return {"type": "integer", "minimum": field.minimum, "maximum": field.maximum}
