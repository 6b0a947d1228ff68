"""Bring any uploaded file to one text: CSV as it is, workbooks and Parquet as CSV, a zip as the one file in it."""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import IO, Any

from huitou.connectors.files.lines import Dialect
from huitou.core.labels import Refusal, mark

LARGEST_TEXT = 2 << 30
LARGEST_WORKBOOK = 100 << 20
_BLOCK = 1 << 20
_ZIP_RATIO = 200  # a text packs to a tenth; a thousandth is a bomb
_TEXT_ENDINGS = (".csv", ".txt", ".tsv")
_WORKBOOKS = (".xlsx", ".xls", ".xlsb", ".ods")
ENDINGS = (*_TEXT_ENDINGS, *_WORKBOOKS, ".parquet", ".zip")
_DELIMITERS = (",", "\t", ";", "|")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class FileRefused(Refusal):
    """The file cannot be imported; the message says why and what to do."""


def text_of(stream: IO[bytes], name: str) -> tuple[Iterator[bytes], str]:
    """
    Return the file as blocks of text bytes, and in which encoding they must be ("" : to be found out).

    stream: seekable. name: the file's own name; only its ending is used. Raises FileRefused, also while the blocks are read.
    """
    ending = PurePosixPath(name.lower()).suffix
    if ending == ".zip":
        return _unzipped(stream)
    if ending in _WORKBOOKS:
        return _workbook(stream), "utf-8"
    if ending == ".parquet":
        return _parquet(stream), "utf-8"
    if ending in _TEXT_ENDINGS:
        return _text(stream), ""
    raise FileRefused(mark("不支持这种文件（{ending}）；请上传 {endings}"), ending=ending or "?", endings=" ".join(ENDINGS))


def _text(stream: IO[bytes]) -> Iterator[bytes]:
    head = stream.read(4)
    if head.startswith(_UTF16):
        decoder = codecs.getincrementaldecoder("utf-16")("backslashreplace")
        block = head
        while block:
            yield decoder.decode(block).encode("utf-8", "backslashreplace")
            block = stream.read(_BLOCK)
        yield decoder.decode(b"", final=True).encode("utf-8", "backslashreplace")
        return
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
        raise FileRefused(mark("扩展名是文本，内容却是 Excel、Parquet 或压缩包；请改正扩展名再上传"))
    total = 0
    block = head.removeprefix(codecs.BOM_UTF8)
    while block:
        total += len(block)
        if total > LARGEST_TEXT:
            raise FileRefused(mark("文件超过 2 GB；请拆成几个文件"))
        yield block
        block = stream.read(_BLOCK)


def _unzipped(stream: IO[bytes]) -> tuple[Iterator[bytes], str]:
    try:
        archive = zipfile.ZipFile(stream)
    except zipfile.BadZipFile as error:
        raise FileRefused(mark("压缩包已损坏；请重新打包")) from error
    wanted = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_clutter(entry.filename)]
    for entry in wanted:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename or (entry.external_attr >> 28) == 0xA:
            raise FileRefused(mark("压缩包里的文件名指向包外；请重新打包"))
    if len(wanted) != 1:
        raise FileRefused(mark("压缩包里有 {count} 个文件；请只放一个"), count=len(wanted))
    entry = wanted[0]
    if entry.flag_bits & 1:
        raise FileRefused(mark("压缩包有密码；请去掉密码再上传"))
    if entry.file_size > LARGEST_TEXT or entry.file_size > _ZIP_RATIO * max(entry.compress_size, 1 << 12):
        raise FileRefused(mark("压缩包解开后过大；请直接上传里面的文件"))
    ending = PurePosixPath(entry.filename.lower()).suffix
    if ending in _TEXT_ENDINGS:
        return _guarded(archive, entry), ""
    if ending not in (*_WORKBOOKS, ".parquet"):
        raise FileRefused(mark("压缩包里没有可导入的文件；请放 CSV、Excel 或 Parquet"))
    if entry.file_size > LARGEST_WORKBOOK:
        raise FileRefused(mark("压缩包里的表格过大；请直接上传"))
    return text_of(io.BytesIO(archive.read(entry)), entry.filename)


def _guarded(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack while counting: the size in the directory is what the packer claims, not what comes out."""
    try:
        with archive.open(entry) as packed:
            taken = 0
            for block in _text(packed):
                taken += len(block)
                if taken > 2 * entry.file_size + _BLOCK:  # UTF-16 grows when it becomes UTF-8
                    raise FileRefused(mark("压缩包解开后比它声明的大；请直接上传里面的文件"))
                yield block
    except zipfile.BadZipFile as error:
        raise FileRefused(mark("压缩包已损坏；请重新打包")) from error


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith((".", "~$"))


def _workbook(stream: IO[bytes]) -> Iterator[bytes]:
    import python_calamine

    content = stream.read(LARGEST_WORKBOOK + 1)
    if len(content) > LARGEST_WORKBOOK:
        raise FileRefused(mark("Excel 文件超过 100 MB；请另存为 CSV 再上传"))
    _workbook_guard(content)
    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
        sheets = [sheet for sheet in map(book.get_sheet_by_index, range(len(book.sheet_names))) if sheet.total_height]
        if not sheets:
            raise FileRefused(mark("Excel 文件里没有数据"))
        yield from _as_csv(sheets[0].iter_rows())
    except (python_calamine.CalamineError, python_calamine.PasswordError) as error:
        raise FileRefused(mark("Excel 文件打不开（损坏或有密码）；请另存一份再上传")) from error


def _workbook_guard(content: bytes) -> None:
    """A workbook is a zip: look at what it unpacks to before a reader does."""
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                size = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise FileRefused(mark("Excel 文件已损坏；请另存一份再上传")) from error
        if size > _ZIP_RATIO * len(content) or size > LARGEST_TEXT:
            raise FileRefused(mark("Excel 文件解开后过大；请另存为 CSV 再上传"))


def _parquet(stream: IO[bytes]) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(stream)
        yield from _as_csv([table.schema_arrow.names])
        # Arrow's threads would need the interpreter to read the stream, and may still hold it when that ends
        for batch in table.iter_batches(batch_size=10_000, use_threads=False):
            yield from _as_csv(zip(*(column.to_pylist() for column in batch.columns), strict=True))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise FileRefused(mark("Parquet 文件打不开；请检查文件是否完整")) from error


def _as_csv(rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """One line per row, so that a row's line is its row in the sheet; line ends inside a cell become blanks."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        if out.tell() > _BLOCK:
            yield out.getvalue().encode("utf-8", "backslashreplace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))  # a phone number in a number cell
        case datetime():
            return value.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
        case date():
            return value.isoformat()
        case _:
            return " ".join(str(value).splitlines())


class EncodingFinder:
    """
    Finds out, block by block, whether a text is strict UTF-8, and else whether it is GB18030.

    GB18030 reads almost any bytes: a text that is mostly sound Chinese in UTF-8 with a few broken bytes stays UTF-8, and its
    broken lines are refused one by one.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._previous = b""
        self._verdict = ""

    def feed(self, block: bytes) -> None:
        """Take the next block."""
        if self._verdict:
            return
        try:
            self._decoder.decode(block)
        except UnicodeDecodeError:
            text = (self._previous[-(1 << 16) :] + block[: 1 << 20]).decode("utf-8", "replace")
            chinese = sum("\u4e00" <= character <= "\u9fff" for character in text)
            self._verdict = "utf-8" if chinese > 3 * text.count("\ufffd") else "gb18030"
        self._previous = block

    @property
    def encoding(self) -> str:
        return self._verdict or "utf-8"


def dialect_of(first_line: bytes, encoding: str) -> Dialect:
    """Return how a file with this header line is read. Raises FileRefused where it has no usable header."""
    text = first_line.decode(encoding, "replace").removeprefix("\ufeff").rstrip("\r\n")
    if "\0" in text:
        raise FileRefused(mark("表头含有空字节；这不是文本文件"))
    delimiter = max(_DELIMITERS, key=lambda mark: (text.count(mark), -_DELIMITERS.index(mark)))
    header = tuple(name.strip() for name in next(csv.reader([text], delimiter=delimiter), []))
    if not any(header):
        raise FileRefused(mark("第一行没有列名；请加上表头再上传"))
    if len(header) > 500:
        raise FileRefused(mark("表头有 {count} 列，最多 500 列"), count=len(header))
    return Dialect(encoding, delimiter, header)
