"""The tills as a Source: files from a drop folder and pushed receipts. Formats: README.md beside this file."""

import hmac
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from huitou.connectors.definition import Clock, Connector, Setting
from huitou.connectors.pages import csv_page, json_page
from huitou.connectors.protocol import Cursor, RawPage, SourceMisconfigured, SourceUnavailable, Stream

CODE = "pos"

RECEIPT_COLUMNS = (
    "receipt_no", "kind", "original_receipt_no", "store_code", "till_no", "cashier", "sold_at", "line_no", "sku", "qty",
    "amount", "discount", "member_card", "phone",
)  # fmt: skip
STORE_COLUMNS = (
    "store_code", "name", "region_code", "region_name", "city", "address", "latitude", "longitude", "opened_on", "area_m2",
    "updated_at",
)  # fmt: skip
PRODUCT_COLUMNS = (
    "sku", "name", "department", "category", "subcategory", "brand", "unit", "price", "cost", "updated_at",
)  # fmt: skip
PUSHED_KEYS = ("receipt_no", "kind", "store_code", "sold_at", "lines")

RECEIPT_KINDS = ("customer", "identifier", "order")
STREAMS: tuple[Stream, ...] = (
    Stream("stores", "门店", ("store",), STORE_COLUMNS),
    Stream("products", "商品", ("product",), PRODUCT_COLUMNS),
    Stream("receipts", "小票文件", RECEIPT_KINDS, RECEIPT_COLUMNS),
    Stream("pushed", "实时小票", RECEIPT_KINDS, PUSHED_KEYS),
)

_CHINESE = re.compile("[\u4e00-\u9fff]")

# Only whole files carry these names: a file that is still being written ends in .tmp.
FILE_NAMES: Mapping[str, re.Pattern[str]] = {
    "stores": re.compile(r"stores\.csv"),
    "products": re.compile(r"products\.csv"),
    "receipts": re.compile(r"receipts-\d{4}-\d{2}-\d{2}\.csv"),
}


class PosSource:
    """
    The drop folder of the tills' export.

    The cursor is {"done": {file name: size and time of change}}: a file is read when it is new or was written again, in
    the order of names. Names that left the folder leave the cursor. The stream `pushed` has no files; it only receives.
    """

    code = CODE
    title = "门店收银"
    streams = STREAMS

    def __init__(self, *, folder: Path, till_key: str) -> None:
        self._folder = folder
        self._till_key = till_key

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """Read the files that are new or changed since the cursor, one page per file; see Source.pull."""
        if stream not in FILE_NAMES:
            return
        before: Mapping[str, str] = (cursor or {}).get("done", {})
        files = self._files(FILE_NAMES[stream])
        done = {name: before[name] for name, _ in files if name in before}
        for name, mark in files:
            if done.get(name) == mark:
                continue
            content, converted = utf8_content(self._read(name))
            done = {**done, name: mark}
            label = f"{name} ({converted})" if converted else name
            yield csv_page(stream, label, name, content, next_cursor={"done": done})

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """
        Take one pushed receipt. Raises PermissionError (till key) or ValueError (not a receipt in JSON).

        headers: names in any case.
        """
        given = {name.lower(): value for name, value in headers.items()}.get("x-till-key", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._till_key.encode()):
            raise PermissionError("the request's X-Till-Key does not fit: check the setting till_key")
        receipt = json.loads(body)
        if stream != "pushed" or not isinstance(receipt, dict):
            raise ValueError(f"{CODE}: a pushed receipt is one JSON object for the stream pushed, not {stream}")
        return json_page(stream, f"pushed {receipt.get('receipt_no', '')}", [receipt], next_cursor={})

    def _files(self, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
        """Return (name, mark) of the whole files of one stream, by name; the mark changes when a file is written again."""
        if not self._folder.is_dir():
            raise SourceMisconfigured(f"{CODE}: setting folder: there is no folder {self._folder}")
        found = []
        try:
            for path in self._folder.iterdir():
                if pattern.fullmatch(path.name):
                    state = path.stat()
                    found.append((path.name, f"{state.st_size}-{state.st_mtime_ns}"))
        except OSError as error:
            raise SourceUnavailable(f"{CODE}: the folder {self._folder} cannot be read: {error}") from error
        return sorted(found)

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise SourceUnavailable(f"{CODE}: the file {name} cannot be read: {error}") from error


def utf8_content(content: bytes) -> tuple[bytes, str]:
    """
    Return a file's bytes as UTF-8 without BOM, and what was converted ("" when nothing was).

    Tried in this order: BOM, strict UTF-8, GB18030. GB18030 reads almost any bytes, so a file that is mostly sound UTF-8
    is not taken for it: it stays as it is, like one that nothing reads, and intake refuses the rows with the bad bytes.
    """
    if content.startswith(b"\xef\xbb\xbf"):
        return content[3:], "BOM"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        if not _is_mostly_utf8(content):
            with suppress(UnicodeDecodeError):
                return content.decode("gb18030").encode(), "GB18030"
    return content, ""


def _is_mostly_utf8(content: bytes) -> bool:
    """Tell whether sound Chinese characters far outnumber broken ones when the bytes are read as UTF-8."""
    text = content.decode("utf-8", "replace")
    return len(_CHINESE.findall(text)) > 3 * text.count("\ufffd")


def _create(settings: Mapping[str, str], clock: Clock) -> PosSource:
    return PosSource(folder=Path(settings["folder"]), till_key=settings["till_key"])


CONNECTOR = Connector(
    CODE,
    PosSource.title,
    (Setting("folder", "小票文件目录"), Setting("till_key", "收银推送密钥", is_secret=True)),
    _create,
)
