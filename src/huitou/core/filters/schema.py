"""The JSON schema of the filters of one catalogue, for API documentation and for builders of filters."""

from typing import Any as Json

from huitou.core.filters.catalogue import Catalogue, Event, Field, FieldType
from huitou.core.filters.geo import MOST_METRES
from huitou.core.filters.tree import BARE_OPERATORS, LIST_OPERATORS, MAX_CONDITIONS, MAX_LIST_VALUES, Operator
from huitou.core.filters.window_form import LARGEST, MOST_DAYS, WINDOW_OPERATORS

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
                    *[_window(event) for event in catalogue.events],
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
    elif operator is Operator.NEAR:
        metres = {"type": "integer", "minimum": 1, "maximum": MOST_METRES}
        place = {"enum": [place.id for place in field.places]}
        properties["value"] = {"type": "array", "prefixItems": [place, metres], "minItems": 2, "maxItems": 2}
    elif operator not in BARE_OPERATORS:
        properties["value"] = value
    return {"title": field.label.zh, **_object(properties)}


def _window(event: Event) -> dict[str, Json]:
    number = {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST}
    lists = {
        one.name: {"type": "array", "items": _value(one), "minItems": 1, "maxItems": MAX_LIST_VALUES} for one in event.narrowings
    }
    properties: dict[str, Json] = {
        "event": {"const": event.name},
        "measure": {"enum": [measure.value for measure in event.measures]},
        "op": {"enum": [operator.value for operator in WINDOW_OPERATORS]},
        "value": {"anyOf": [number, {"type": "array", "items": number, "minItems": 2, "maxItems": 2}]},
    }
    spans: dict[str, Json] = {
        "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
        "from": _DAY,
        "to": _DAY,
        "where": {"type": "object", "properties": lists, "additionalProperties": False},
    }
    return {
        "title": event.label.zh,
        "type": "object",
        "properties": properties | spans,
        "required": list(properties),
        "additionalProperties": False,
    }


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
        case FieldType.DECIMAL:
            told = f"whole units of the last of {field.decimals} places: {10**field.decimals} is 1"
            return {"type": "integer", "minimum": field.minimum, "maximum": field.maximum, "description": told}
        case FieldType.INTEGER | FieldType.FEN | FieldType.REFERENCE:
            return {"type": "integer", "minimum": field.minimum, "maximum": field.maximum}
