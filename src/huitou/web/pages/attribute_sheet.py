"""The sheet of custom attributes in the import wizard: defined attributes stand in the form, numbered places in the mapping."""

import re
from collections.abc import Mapping

from huitou.apps.attributes.definitions import lacks_basis, shown
from huitou.apps.attributes.models import Attribute
from huitou.apps.base.clock import utc_now
from huitou.apps.intake.imports import ImportView
from huitou.connectors.files.fields import ATTRIBUTE_SLOTS, FileField, normal_header
from huitou.connectors.files.tables import FileRefused
from huitou.core.labels import Label, mark
from huitou.core.periods import business_date

_PREFIX = "attribute_"
_SLOT = re.compile(r"(?:value|code)_[0-9]+")


def is_slot(name: str) -> bool:
    """Say whether a field is one of the sheet's numbered places."""
    return _SLOT.fullmatch(name) is not None


def sheet_fields() -> list[FileField]:
    """Return a field for every attribute that may be filled today."""
    rows = shown(Attribute.objects.order_by("pk"), today=business_date(utc_now()))
    return [
        FileField(
            f"{_PREFIX}{one.code}", Label(one.title, one.title_en or one.title),
            (normal_header(one.title), normal_header(one.title_en), normal_header(one.code)),
        )
        for one in rows
    ]  # fmt: skip


def sheet_columns(view: ImportView) -> dict[str, int]:
    """Return {field: column} as saved, or before anything was saved, as the headers suggest."""
    saved = {
        f"{_PREFIX}{code}": view.mapping[f"value_{number}"]
        for number in range(1, ATTRIBUTE_SLOTS + 1)
        if (code := view.constants.get(f"code_{number}")) and f"value_{number}" in view.mapping
    }
    if saved:
        return saved
    headers = [normal_header(text) for text in view.header]
    taken = set(view.mapping.values())
    found: dict[str, int] = {}
    for field in sheet_fields():
        place = next((at for at, header in enumerate(headers) if header and header in field.headers and at not in taken), None)
        if place is not None:
            found[field.name] = place
            taken.add(place)
    return found


def sheet_slots(mapping: Mapping[str, int], constants: Mapping[str, str]) -> tuple[dict[str, int], dict[str, str]]:
    """
    Return mapping and constants with attributes in numbered places; without attributes they are what they were.

    Raises FileRefused on more attributes than places, and on third-party data without provider, legal basis and expiry.
    """
    codes = {name.removeprefix(_PREFIX): column for name, column in mapping.items() if name.startswith(_PREFIX)}
    if len(codes) > ATTRIBUTE_SLOTS:
        raise FileRefused(mark("一次最多导入 {most} 个属性"), most=ATTRIBUTE_SLOTS)
    for one in Attribute.objects.filter(code__in=list(codes)):
        if lacks_basis(one):
            raise FileRefused(mark("“{title}”来自第三方，先写明提供方、合法依据和到期日"), title=one.title)
    placed = {name: column for name, column in mapping.items() if not name.startswith(_PREFIX)}
    fixed = {name: value for name, value in constants.items() if not name.startswith(_PREFIX)}
    for number, (code, column) in enumerate(codes.items(), start=1):
        placed[f"value_{number}"], fixed[f"code_{number}"] = column, code
    return placed, fixed
