"""What the address of a list says, and addresses of the same list that say something else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language

from huitou.apps.base.fields import NOUN_LABELS, Column, FieldEntry, fields_of
from huitou.apps.base.listing import (
    Asked,
    Cursor,
    CursorRefused,
    ListRow,
    Sort,
    SortColumn,
    SortRefused,
    cursor_read,
    sort_columns,
    sort_read,
)
from huitou.apps.base.scope import Viewer
from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.json_form import FilterError, Lost, leaves_of, salvage
from huitou.core.filters.reading import Chip, Frame, reading
from huitou.core.filters.tree import All, Condition, Node
from huitou.core.filters.url_form import to_url, tree_of_url
from huitou.web.lists.spec import ListSpec


@dataclass(frozen=True, slots=True)
class Refused:
    """What of an address could not be taken; `rest` is the address without it."""

    rest: str
    lost: tuple[Lost, ...] = ()
    is_unreadable: bool = False  # the filter is no tree at all
    sort: str = ""
    cursor: bool = False


class AddressRefused(Exception):
    """The address asks for what this list does not have."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(str(refused))
        self.refused = refused


class Form(StrEnum):
    """How a list is drawn; the codes stand in addresses."""

    LIST = ""
    GROUPS = "groups"
    BOARD = "board"


@dataclass(frozen=True)
class ListContext:
    """A list as one viewer may ask it: its fields, orders and default columns."""

    spec: ListSpec
    viewer: Viewer

    @cached_property
    def entries(self) -> tuple[FieldEntry, ...]:
        return fields_of(self.spec.noun, self.viewer)

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(NOUN_LABELS[self.spec.noun], tuple(entry.field for entry in self.entries))

    @cached_property
    def sorts(self) -> dict[str, SortColumn]:
        return sort_columns(self.entries, by_id=self.spec.by_id)

    @cached_property
    def names(self) -> dict[str, Mapping[int, str]]:
        """The ids of every reference and what they are called."""
        naming = {entry.field.name: entry.names for entry in self.entries if entry.names is not None}
        asked = {one: one(self.viewer) for one in set(naming.values())}  # several fields may refer to the same things
        return {name: asked[one] for name, one in naming.items()}

    @cached_property
    def default_columns(self) -> tuple[str, ...]:
        names = [entry.field.name for entry in self.entries if entry.column is Column.DEFAULT]
        leading = [name for name in self.spec.leading if name in names]
        return (*leading, *(name for name in names if name not in leading))

    def columns(self, names: tuple[str, ...]) -> tuple[FieldEntry, ...]:
        """Return the entries of these columns; what is not there any more, or no column, is left out."""
        by_name = {entry.field.name: entry for entry in self.entries if entry.column is not Column.NEVER}
        return tuple(by_name[name] for name in names if name in by_name)

    @cached_property
    def groupings(self) -> dict[str, FieldEntry]:
        """The fields that the rows can be grouped by, as far as this viewer has them."""
        by_name = {entry.field.name: entry for entry in self.entries}
        return {name: by_name[name] for name in self.spec.groupings if name in by_name}

    def groupings_as(self, form: "Form") -> dict[str, FieldEntry]:
        """Return those that this form of the list can show: a board has a column for each of a few choices."""
        if form is Form.LIST:
            return {}
        return {name: entry for name, entry in self.groupings.items() if form is Form.GROUPS or entry.field.choices}

    def with_ends(self, shown: tuple[FieldEntry, ...]) -> tuple[FieldEntry, ...]:
        """Return columns with the ends of the intervals, and the fields, that stand in them, each once."""
        names = [entry.field.name for entry in shown]
        ends = [name for one in map(self.spec.intervals.get, names) if one is not None for name in (one.low, one.high)]
        joined = [name for one in map(self.spec.joined.get, names) if one is not None for name in one.fields]
        return tuple(dict.fromkeys((*shown, *self.columns((*ends, *joined)))))

    def words(self, node: Node) -> Chip | Frame:
        """Return a filter in the language of the page."""
        language = get_language() or "zh-hans"
        called = self.called(node)

        def name(field: str, value: int | str) -> str | None:
            known: Mapping[Any, str] = called.get(field) or self.names.get(field, {})
            return known.get(value)

        return reading(node, self.catalogue, language=language, reference_name=name)

    def chip(self, condition: Condition) -> Chip:
        part = self.words(condition)
        if not isinstance(part, Chip):
            raise TypeError(f"a condition reads as one chip, not as {part!r}")
        return part

    def called(self, node: Node) -> dict[str, dict[Any, str]]:
        """Return what the values of a filter are called, by field, where a field has too many to choose from."""
        by_name = {entry.field.name: entry.called for entry in self.entries if entry.called is not None}
        asked: dict[str, list[Any]] = {}
        for leaf in leaves_of(node):
            if isinstance(leaf, Condition) and leaf.field in by_name:
                values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
                asked.setdefault(leaf.field, []).extend(value for value in values if value is not None)
        return {name: dict(by_name[name](values)) for name, values in asked.items()}


@dataclass(frozen=True, slots=True)
class ListState:
    """
    A filter and an order of a list. view: the saved view that they began as, 0 for none. by: the field it is grouped by, in a
    form that groups.
    """

    route: str
    default_sort: str
    filters: Node
    sort: Sort
    view: int = 0
    form: Form = Form.LIST
    by: str = ""

    def url(self, *, filters: Node | None = None, sort: Sort | None = None, at: str = "", n: int = 0) -> str:
        """
        Return the address of the list with these changes; without a cursor it is the first page.

        n: how many rows stand before the page, as far as the way here told.
        """
        pairs = self.pairs(self.filters if filters is None else filters, sort or self.sort)
        return _address(reverse(self.route), {**pairs, "as": self.form, "by": self.by, "at": at, "n": str(n or "")})

    def row_url(self, page: str, row: ListRow, n: int) -> str:
        """Return the address of a row's own page that remembers the list; n: the row's number in it, from 1 (0: unknown)."""
        at = row.cursor(backward=False)
        return _address(page, {**self.pairs(self.filters, self.sort), "at": at, "n": str(n or "")})

    def beside_url(self, page: str, **pairs: object) -> str:
        """Return the address of another page about the same filter."""
        others = {name: str(value) for name, value in pairs.items()}
        return _address(page, {"f": self.pairs(self.filters, self.sort)["f"], **others})

    def pairs(self, filters: Node, sort: Sort) -> dict[str, str]:
        """Return the query of an address."""
        text = sort.text()
        return {"f": to_url(flat(filters)), "sort": "" if text == self.default_sort else text, "view": str(self.view or "")}

    @property
    def plain_url(self) -> str:
        """The list with nothing asked."""
        return reverse(self.route)

    @property
    def cleared_url(self) -> str:
        """Everything, drawn and ordered as now."""
        return replace(self, view=0).url(filters=All())


def flat(filters: Node) -> Node:
    """Return the filter without a group around a single part."""
    return filters.children[0] if isinstance(filters, All) and len(filters.children) == 1 else filters


def parts_of(filters: Node) -> tuple[Node, ...]:
    """Return the outermost parts of a filter, all of which must hold."""
    return filters.children if isinstance(filters, All) else (filters,)


def with_part(filters: Node, condition: Condition) -> Node:
    """Return the filter with one more condition; one question per field: the new answer replaces an old one."""
    others = [node for node in parts_of(filters) if not (isinstance(node, Condition) and node.field == condition.field)]
    return All((*others, condition))


def without_part(filters: Node, condition: Condition) -> Node:
    return All(tuple(node for node in parts_of(filters) if node != condition))


def number_read(query: QueryDict, name: str = "n") -> int:
    """Return the number that an address carries (n: of a row), 0 where it carries none that can be one."""
    text = query.get(name, "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 13 else 0


def _address(page: str, pairs: Mapping[str, str]) -> str:
    text = urlencode({name: value for name, value in pairs.items() if value})
    return f"{page}?{text}" if text else page


def state_read(context: ListContext, query: QueryDict, *, route: str = "") -> tuple[ListState, Asked]:
    """
    Return what the address asks. Raises AddressRefused, with the address that leaves out what cannot be taken.
    """
    spec = context.spec
    default = sort_read(spec.default_sort, context.sorts)
    state = ListState(route or spec.route, spec.default_sort, All(), default, number_read(query, "view"))
    state = _drawn(state, context, query)
    refused = Refused("")
    try:
        node, lost = salvage(tree_of_url(query.get("f", ""), context.catalogue), context.catalogue)
        state, refused = replace(state, filters=node), replace(refused, lost=lost)
    except FilterError:
        refused = replace(refused, is_unreadable=True)
    cursor: Cursor | None = None
    try:
        state = replace(state, sort=sort_read(query.get("sort") or spec.default_sort, context.sorts))
        at = query.get("at", "")
        cursor = cursor_read(at, state.sort.column) if at else None
    except SortRefused as error:
        refused = replace(refused, sort=error.text)
    except CursorRefused:
        refused = replace(refused, cursor=True)
    if refused != Refused(""):
        raise AddressRefused(replace(refused, rest=state.url()))
    asked = Asked(context.catalogue, state.sort, spec.as_of(), state.filters, cursor, limit=spec.page_rows)
    return state, asked


def _drawn(state: ListState, context: ListContext, query: QueryDict) -> ListState:
    """Return the state with its form; one that the list, or this viewer, does not have is the list."""
    asked = query.get("as", "")
    form = Form(asked) if asked in set(Form) else Form.LIST
    names = list(context.groupings_as(form))
    if not names:
        return state
    by = query.get("by", "")
    return replace(state, form=form, by=by if by in names else names[0])
