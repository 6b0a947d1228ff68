"""A paged JSON interface as a Source, read with GET. Settings and rules: README.md beside this file."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from huitou.connectors.definition import Clock, Connector, Setting
from huitou.connectors.mapped import MappedRows, text_of, value_at
from huitou.connectors.outbound import OutboundRefused, get_json
from huitou.connectors.protocol import Cursor, RawPage, SourceMisconfigured, SourceUnavailable, Stream

CODE = "rest"
MOST_PAGES = 10_000  # of one pull: a system whose pages never end is not read for ever
PROBE_ROWS = 20

Get = Callable[..., Any]


class RestSource:
    """
    One interface. The cursor is {"since": the largest value of the cursor column that a finished pull saw}, and within a pull
    {"page": the page to ask for next, or "next": what the last page named, "high": the largest value so far} beside it.
    """

    code = CODE
    title = "JSON 接口"

    def __init__(
        self, *, url: str, items: str, page_parameter: str, since_parameter: str, cursor_column: str, authorization: str,
        rows: MappedRows, clock: Clock, next_field: str = "-", get: Get = get_json,
    ) -> None:  # fmt: skip
        self.streams: tuple[Stream, ...] = (rows.stream,)
        self._url, self._items, self._rows, self._clock, self._get = url, items, rows, clock, get
        self._page_parameter, self._since_parameter, self._column = page_parameter, since_parameter, cursor_column
        self._next_field = next_field
        self._headers = {"Authorization": authorization} if authorization != NONE else {}

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """Fetch page after page until an empty one, or until none is named as the next; see Source.pull."""
        self.check()
        known = dict(cursor or {})
        yield from self._linked(stream, known) if self._next_field != NONE else self._numbered(stream, known)

    def _numbered(self, stream: str, known: Mapping[str, Any]) -> Iterator[RawPage]:
        since, first = str(known.get("since", "")), int(known.get("page", 1))
        high = str(known.get("high", since))
        for number in range(first, first + MOST_PAGES):
            items = self._items_of(self._answer(self._url, self._query(since) | {self._page_parameter: str(number)}))
            if not items:
                if number > first or known.get("page"):
                    yield self._rows.page([], name=f"{stream} end", now=self._clock(), next_cursor={"since": high})
                return
            high = self._high(high, items)
            next_cursor = {"since": since, "page": number + 1, "high": high}
            name = f"{stream} page {number} after {since or 'the start'}"
            yield self._rows.page(items, name=name, now=self._clock(), next_cursor=next_cursor)

    def _linked(self, stream: str, known: Mapping[str, Any]) -> Iterator[RawPage]:
        since, following = str(known.get("since", "")), str(known.get("next", ""))
        high = str(known.get("high", since))
        met: set[str] = set()
        while True:
            answer = self._answer(*self._address(following, since))
            items = self._items_of(answer)
            following = self._following(answer)
            if following in met or len(met) >= MOST_PAGES:
                raise SourceUnavailable(f"{CODE}: the pages name each other in a ring, or never end")
            met.add(following)
            high = self._high(high, items)
            next_cursor = {"since": since, "next": following, "high": high} if following else {"since": high}
            if items or not following:
                name = f"{stream} part {len(met)} after {since or 'the start'}"
                yield self._rows.page(items, name=name, now=self._clock(), next_cursor=next_cursor)
            if not following:
                return

    def _following(self, answer: Any) -> str:
        """Return what an answer names as the next page; "" at the end, also where it says no by a flag."""
        named = value_at(answer, self._next_field) if isinstance(answer, Mapping) else None
        return "" if isinstance(named, bool) else text_of(named)

    def _address(self, following: str, since: str) -> tuple[str, dict[str, str]]:
        """Return where the next page is: a link is followed on the same host alone (the header goes with it), a mark is sent."""
        if not following.startswith(("http://", "https://", "/", "?")):
            return self._url, self._query(since) | ({self._page_parameter: following} if following else {})
        link = urljoin(self._url, following)
        if urlsplit(link)[:2] != urlsplit(self._url)[:2]:
            raise SourceUnavailable(f"{CODE}: the link to the next page leads to another host")
        return link, {}

    def probe(self) -> list[dict[str, Any]]:
        """Return a few items, for choosing the mapping."""
        first = {} if self._next_field != NONE else {self._page_parameter: "1"}
        return self._items_of(self._answer(self._url, first))[:PROBE_ROWS]

    def check(self) -> None:
        """Raise SourceMisconfigured while a field that the kind needs has no column."""
        self._rows.check(source=CODE)

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """Refuse: this system pushes nothing. Raises PermissionError."""
        raise PermissionError(f"{CODE} takes no pushed requests: its interface is read")

    def _query(self, since: str) -> dict[str, str]:
        return {self._since_parameter: since} if since and self._since_parameter != NONE else {}

    def _high(self, high: str, items: list[dict[str, Any]]) -> str:
        return max([high, *(text_of(value_at(item, self._column)) for item in items)])

    def _answer(self, url: str, query: Mapping[str, str]) -> Any:
        try:
            return self._get(url, query=query, headers=self._headers)
        except OutboundRefused as error:
            raise SourceUnavailable(f"{CODE}: {error}") from error

    def _items_of(self, answer: Any) -> list[dict[str, Any]]:
        items = value_at(answer, self._items) if self._items != NONE and isinstance(answer, Mapping) else answer
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise SourceMisconfigured(f"{CODE}: setting items: there is no list of objects at {self._items!r}")
        return items


NONE = "-"  # of a setting that may be empty: every setting is stored with something in it


def _create(settings: Mapping[str, str], clock: Clock) -> RestSource:
    return RestSource(
        url=settings["url"], items=settings["items"], page_parameter=settings["page_parameter"],
        since_parameter=settings["since_parameter"], cursor_column=settings["cursor_column"],
        authorization=settings["authorization"], next_field=settings["next_field"],
        rows=MappedRows.of(settings, source=CODE), clock=clock,
    )  # fmt: skip


CONNECTOR = Connector(
    CODE,
    RestSource.title,
    (
        Setting("url", "地址 https://..."),
        Setting("items", "列表所在的字段，没有写 -"),
        Setting("page_parameter", "页码参数"),
        Setting("next_field", "下一页所在的字段，没有写 -", default=NONE),
        Setting("since_parameter", "起始时间参数，没有写 -"),
        Setting("cursor_column", "更新时间字段"),
        Setting("authorization", "Authorization 请求头，没有写 -", is_secret=True),
        Setting("kind", "种类"),
        Setting("mapping", "字段对应"),
    ),
    _create,
    mapping_from="files",
)
