"""The inputs of tier schemes that a chain defined itself: what they are called, and which may be asked today."""

from collections.abc import Collection, Iterable
from datetime import date

from huitou.apps.attributes.definitions import attributes_by_code, event_codes_usable, event_titles
from huitou.apps.attributes.queries import number_attributes
from huitou.core.attributes import AttributeType
from huitou.core.labels import Label
from huitou.core.value.inputs import ATTRIBUTE, EVENT, INPUTS, Input, InputUnit, is_custom
from huitou.core.value.scheme import Scheme


def custom_inputs(*, today: date) -> dict[str, Input]:
    """Return by name what schemes may ask today: numbers, decimals and amounts that are not sensitive, and counted events."""
    codes = [one.code for one in number_attributes(today=today)]
    usable, titles = event_codes_usable(today=today), event_titles()
    events = {f"{EVENT}{code}": _event_input(code, *said) for code, said in titles.items() if code in usable}
    return _attribute_inputs(codes) | events


def custom_missing(names: Collection[str], *, today: date) -> list[str]:
    """Return which of these custom inputs nobody may ask today: gone, switched off, expired, without legal basis, no numbers."""
    return sorted(set(names) - custom_inputs(today=today).keys()) if names else []


def inputs_of_schemes(schemes: Iterable[Scheme]) -> dict[str, Input]:
    """
    Return the shipped inputs and the custom ones of these schemes by name; what is switched off keeps its title, what is gone is
    called by its name.
    """
    names = frozenset[str]().union(*(scheme.custom_inputs for scheme in schemes))
    return {**INPUTS, **inputs_named(names)}


def inputs_named(names: Collection[str]) -> dict[str, Input]:
    """Return the custom inputs of these names, as `inputs_of_schemes` calls them; names of other inputs are left out."""
    asked = [name for name in names if is_custom(name)]
    codes = [name.removeprefix(ATTRIBUTE) for name in asked if name.startswith(ATTRIBUTE)]
    events = {name: name.removeprefix(EVENT) for name in asked if name.startswith(EVENT)}
    titles = event_titles() if events else {}
    return {
        **{name: Input(name, Label(name, name), InputUnit.EXACT, is_given=True) for name in asked},
        **_attribute_inputs(codes),
        **{name: _event_input(code, *titles[code]) for name, code in events.items() if code in titles},
    }


def _attribute_inputs(codes: Collection[str]) -> dict[str, Input]:
    found = {}
    for code, one in attributes_by_code(codes).items() if codes else ():
        zh, en = one.title, one.title_en or one.title
        label = Label(f"{zh}（{one.unit}）", f"{en} ({one.unit})") if one.unit else Label(zh, en)
        unit = InputUnit.FEN if one.type_code == AttributeType.AMOUNT else InputUnit.EXACT
        found[f"{ATTRIBUTE}{code}"] = Input(f"{ATTRIBUTE}{code}", label, unit, is_given=True)
    return found


def _event_input(code: str, zh: str, en: str) -> Input:
    return Input(f"{EVENT}{code}", Label(f"{zh}（近 12 月次数）", f"{en} (times in 12 months)"), InputUnit.COUNT, is_given=True)
