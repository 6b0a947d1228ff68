"""A list as a file: its rows as the list shows them, masked alike, all of them, with a last line that counts them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _

from huitou.apps.base.clock import utc_now
from huitou.apps.base.listing import LARGEST_PAGE, Asked, ListRow, RowValue, cursor_read
from huitou.apps.privacy.services import access_record
from huitou.core.filters.catalogue import Field, FieldType
from huitou.core.money import yuan_text
from huitou.web.csv_lines import BOM, csv_line
from huitou.web.lists.cells import scalar_text, text_of
from huitou.web.lists.spec import ListSpec
from huitou.web.lists.state import ListContext
from huitou.web.policy import may_open

ROUTE = "lists:export"
PEOPLE_ROUTE = "exports:new"  # who may ask for people's data as a file at all


def may_take(spec: ListSpec, role_code: str) -> bool:
    """Say whether a role may take a list as a file: it opens the list, and where that tells of people, it may export those."""
    return may_open(spec.route, role_code) and (not spec.tells_people or may_open(PEOPLE_ROUTE, role_code))


def list_lines(context: ListContext, asked: Asked) -> Iterator[bytes]:
    """
    Yield the file: heads, one line per row in the order of the list, and how many rows there are; a file without that line is
    cut. Whose data a page hands out is written down before it goes.
    """
    spec = context.spec
    yield BOM
    yield csv_line(["id", spec.head_title, _("备注"), *(text_of(entry.field.label) for entry in asked.shown)])
    asked = replace(asked, cursor=None, limit=LARGEST_PAGE)
    written = 0
    while True:
        page = spec.page(context.viewer, asked)
        if spec.people is not None:
            access_record(
                user_id=context.viewer.user_id, route_code=ROUTE, person_ids=spec.people(page.rows), now=utc_now()
            )  # fmt: skip
        for row, head in zip(page.rows, spec.heads(context.viewer, page.rows), strict=True):
            yield csv_line([row.row_id, head.text, head.note, *_values(row, asked, context.names)])
        written += len(page.rows)
        if page.next_cursor is None:
            break
        asked = replace(asked, cursor=cursor_read(page.next_cursor, asked.sort.column))
    yield csv_line([f"# {written} rows"])


def _values(row: ListRow, asked: Asked, names: Mapping[str, Mapping[int, str]]) -> list[str]:
    return [value_text(entry.field, row.values.get(entry.field.name), names) for entry in asked.shown]


def value_text(field: Field, value: RowValue, names: Mapping[str, Mapping[int, str]]) -> str:
    """Return a value as other programs read it: plain figures, yuan with two decimals, days as YYYY-MM-DD, else as shown."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "; ".join(value_text(field, one, names) for one in value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    match field.type:
        case FieldType.FEN:
            return yuan_text(int(value), decimals=2).replace(",", "").replace("−", "-")
        case FieldType.INTEGER | FieldType.SHARE:
            return str(value)
        case _:
            return scalar_text(field, value, names)
