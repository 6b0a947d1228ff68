"""One definition per noun: what the one list page needs to know of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from huitou.apps.base.fields import Noun
from huitou.apps.base.grouped import Groups
from huitou.apps.base.listing import Asked, Count, ListPage, ListRow, Place
from huitou.apps.base.scope import Viewer
from huitou.core.filters.catalogue import Field
from huitou.core.filters.tree import Condition, Node
from huitou.core.labels import Label
from huitou.web.lazy import LazyText


@dataclass(frozen=True, slots=True)
class RowHead:
    """
    The first cell of a row: what it is called and where it leads (empty: nowhere).

    note: beside the name, not part of the link. badge: kind, icon and word of a state.
    """

    text: str
    href: str = ""
    note: str = ""
    badge: tuple[str, str, LazyText] | None = None


class BulkRefused(Exception):
    """The action is not done to these rows; the text is the sentence that says why."""


@dataclass(frozen=True, slots=True)
class BulkDone:
    """
    What an action did, as a sentence, and the address that takes it back when it is posted to (empty: it cannot).

    work_url: a job does it; the address tells how far it is.
    """

    text: str
    undo_url: str = ""
    work_url: str = ""


class BulkAct(Protocol):
    """Do something to rows by id. Raises BulkRefused."""

    def __call__(self, viewer: Viewer, row_ids: Sequence[int], choice: str, now: datetime) -> BulkDone: ...


@dataclass(frozen=True, slots=True)
class BulkAction:
    """One button of a tool. check: raises BulkRefused where the filter that the rows were found by may not decide this."""

    code: str
    label: LazyText
    icon: str
    act: BulkAct
    check: Callable[[Node], None] | None = None


@dataclass(frozen=True, slots=True)
class BulkTool:
    """
    What can be done to many rows with one choice. route: who may open it may use this. most: rows at once.

    choices: code and name of what may be chosen; the tool is not offered while there are none.
    """

    code: str
    label: LazyText
    route: str
    most: int
    choices: Callable[[], Sequence[tuple[str, str]]]
    actions: tuple[BulkAction, ...]


class RowIds(Protocol):
    """Return the ids of the rows in reach that match, up to `most`."""

    def __call__(self, viewer: Viewer, asked: Asked, *, most: int) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class CellText:
    """What a cell says instead of its value, and where it leads (empty: nowhere)."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """
    What stands beside a forecast: the ends of its interval, two fields of the noun. A value without them is not shown.

    head: what the column's head adds. said: both ends as a text, title: the same at length. stand_in: a sentence while something
    else stands in for the forecast, which then has no interval; "" while it is one.
    """

    low: str
    high: str
    head: LazyText
    said: Callable[[int, int], str]
    title: Callable[[int, int], str]
    missing: LazyText
    stand_in: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Joined:
    """Fields that one column shows together, "5-4-5". head: the column's head; title: the values at length."""

    fields: tuple[str, ...]
    head: LazyText
    title: Callable[[Sequence[int]], str]


@dataclass(frozen=True, slots=True)
class Part:
    """How many rows of a list stand in one tier; condition: what leads to them (None: those in none)."""

    label: str
    count: int
    code: str = ""
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class ListParts:
    """
    What the count of a list is made of. The parts add up to count. whole: all there are of what `inside` rows of the list are.
    title: what the rows are parted by.
    """

    title: str
    count: Count
    inside: int
    whole: Count
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ListSpec:
    """
    A list of one noun.

    page and count cut to the viewer's reach themselves. unit: what the count counts, in Chinese, one and several in English.
    heads: the first cells of a page's rows, in their order. quick: conditions offered with one click.
    search_hint: what may be written into a search field above the list, whose word the page gets as `q`; empty: no field.
    said: by field, what cells of a page's rows say instead of their values.
    place: the neighbours of a position; with it the pages of the rows (row_route, which takes the row's id) lead to the
    previous and the next of the list.
    make_route, make_label: the button that makes a row, for whoever may open it.
    tells_people: its rows say something about a person, so that only some may take it as a file (`web.lists.export.may_take`).
    people: whose data the rows hand out, for the access log. picks: rows can be ticked, since page and count keep to
    `asked.only`. bulk: what can be done to many rows; it needs picks and `ids`.
    leading: default columns that stand first, where the viewer has them. intervals: by column, what stands beside its values.
    joined: by column, the fields whose values stand in it instead of its own.
    groupings: fields that rows can be grouped by, as a table and, those with a few choices, as a board; they need `groups`, which
    counts them. group_sum: the field that `groups` adds up.
    parts: what the count is made of, asked for once the page stands, with how many rows that counted.
    note: a sentence beside the count. cannot: a sentence in the filter editor on what nobody can ask here.
    """

    noun: Noun
    route: str
    title: LazyText
    group: LazyText  # the menu group, for the crumbs
    icon: str
    unit: tuple[str, str, str]
    head_title: LazyText
    everything: LazyText
    empty_title: LazyText
    empty_text: LazyText
    default_sort: str
    by_id: Label
    page: Callable[[Viewer, Asked], ListPage]
    count: Callable[[Viewer, Asked], Count]
    heads: Callable[[Viewer, tuple[ListRow, ...]], list[RowHead]]
    tells_people: bool
    as_of: Callable[[], date]
    quick: tuple[Condition, ...] = ()
    page_rows: int = 50
    place: Callable[[Viewer, Asked], Place] | None = None
    row_route: str = ""
    make_route: str = ""
    make_label: LazyText = ""
    people: Callable[[tuple[ListRow, ...]], set[int]] | None = None
    picks: bool = False
    bulk: tuple[BulkTool, ...] = ()
    ids: RowIds | None = None
    search_hint: LazyText = ""
    said: Callable[[Viewer, tuple[ListRow, ...]], list[Mapping[str, CellText]]] | None = None
    note: Callable[[Viewer, Asked], str] | None = None
    cannot: LazyText = ""
    leading: tuple[str, ...] = ()
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    joined: Mapping[str, Joined] = field(default_factory=dict)
    groupings: tuple[str, ...] = ()
    groups: Callable[[Viewer, Asked, Field], Groups] | None = None
    group_sum: str = ""
    parts: Callable[[Viewer, Asked, int], ListParts | None] | None = None

    def unit_text(self, number: int, language: str) -> str:
        zh, one, several = self.unit
        return (one if number == 1 else several) if language.startswith("en") else zh
