"""Take an uploaded file: store it, find out how it is read, suggest a mapping. Nothing lands yet."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from io import StringIO
from itertools import chain
from pathlib import PurePosixPath
from typing import IO

from django.db import transaction

from huitou.apps.intake.labels import REASON_LABELS
from huitou.apps.intake.models import ImportMapping, ImportRun, ImportState, SourceConfig
from huitou.apps.intake.services.configure import source_configure
from huitou.apps.intake.services.seal import import_is_running
from huitou.apps.intake.uploads import upload_delete, upload_path, upload_write
from huitou.connectors.files.client import CODE
from huitou.connectors.files.fields import FILE_KINDS, mapping_suggest
from huitou.connectors.files.lines import LONGEST_LINE
from huitou.connectors.files.tables import LARGEST_WORKBOOK, EncodingFinder, FileRefused, dialect_of, text_of
from huitou.core.labels import mark
from huitou.warehouse.landing.reasons import SENTENCES, Reason

ERROR_HEADERS = {  # of the file of refused rows, by language; the last one says whose rows they are
    "zh-hans": ("行号", "字段", "原因", "原文（导入 {number}）"),
    "en": ("Line", "Field", "Reason", "Raw text (import {number})"),
}
_REPLAY = re.compile(r"(?:原文（导入|Raw text \(import) (\d+)[）)]")
_REASON, _RAW = 2, 3  # columns of that file
_UNREAD = {  # reasons why a text came in stand-ins for what could not be shown
    text for reason in (Reason.BAD_ENCODING, Reason.NUL_BYTE) for text in (SENTENCES[reason], REASON_LABELS[reason].en)
}
_STAND_IN = re.compile(rb"\\x([89a-f][0-9a-f])")
_SOURCE_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_FORMULA = ("'=", "'+", "'-", "'@", "'\t")


def import_upload(
    *,
    stream: IO[bytes],
    file_name: str,
    source_code: str,
    kind_code: str,
    user_id: int | None,
    now: datetime,
    source_title: str = "",
) -> ImportRun:
    """
    Store a file for import and return its run, mapped as the last file with these columns was, else as its headers suggest.

    A source that does not exist yet is made. A file of refused rows that an import offered, mended, is taken as a replay of
    that import: mapping and columns are the original's. Raises FileRefused with what to do about the file.
    """
    name = shown_name(file_name)
    if kind_code not in FILE_KINDS:
        raise FileRefused(mark("没有这种导入：{kind}"), kind=kind_code)
    _source_ensure(source_code, source_title, now)
    blocks, fixed_encoding = text_of(stream, file_name)
    head, blocks = _first_line(blocks)
    replayed = _replayed(head, source_code)
    if replayed is not None:
        kind_code, blocks, fixed_encoding = replayed.kind_code, _raw_lines(blocks, replayed), "utf-8"
        head, blocks = _first_line(blocks)
    run = ImportRun.objects.create(
        source_code=source_code, kind_code=kind_code, file_name=name, created_by=user_id, created_at=now,
        replay_of=replayed.pk if replayed else None,
    )  # fmt: skip
    try:
        return _stored(run, head, blocks, fixed_encoding, replayed)
    except BaseException:
        upload_delete(run.pk)
        run.delete()
        raise


def _stored(run: ImportRun, head: bytes, blocks: Iterator[bytes], fixed_encoding: str, replayed: ImportRun | None) -> ImportRun:
    finder, digest, lines = EncodingFinder(), sha256(), 0

    def watched() -> Iterator[bytes]:
        nonlocal lines
        for block in blocks:
            finder.feed(block)
            digest.update(block)
            lines += block.count(b"\n")
            yield block

    size = upload_write(run.pk, watched())
    if not size:
        raise FileRefused(mark("文件是空的"))
    dialect = dialect_of(head, fixed_encoding or finder.encoding)
    run.encoding, run.delimiter, run.header = dialect.encoding, dialect.delimiter, list(dialect.header)
    run.byte_count, run.line_count, run.sha256 = size, lines, digest.hexdigest()
    run.next_byte, run.next_line = len(head), head.count(b"\n") + (not head.endswith(b"\n"))
    run.next_line += 1
    if replayed is not None:
        run.mapping, run.constants = replayed.mapping, replayed.constants
    else:
        run.mapping, run.constants = mapping_known(run)
    run.save()
    if replayed is not None:
        _once(run)
    return run


def _once(replay: ImportRun) -> None:
    """Raise FileRefused where the same rows, mended the same way, were written already."""
    same = ImportRun.objects.filter(
        replay_of=replay.replay_of, sha256=replay.sha256, state__in=(ImportState.RUNNING, ImportState.DONE)
    ).first()
    if same is not None:
        raise FileRefused(mark("这份改好的文件已经在导入 {number} 里写入"), number=same.pk)


def mapping_known(run: ImportRun) -> tuple[dict[str, int], dict[str, str]]:
    """Return the saved mapping for these columns, or what the headers suggest, and the values for the whole file."""
    saved = ImportMapping.objects.filter(
        source_code=run.source_code, kind_code=run.kind_code, header_sha256=header_hash(run.header)
    ).first()
    if saved is not None:
        return saved.mapping, saved.constants
    return mapping_suggest(FILE_KINDS[run.kind_code], run.header), {}


@transaction.atomic
def import_map(
    *,
    import_id: int,
    mapping: Mapping[str, int],
    constants: Mapping[str, str],
    now: datetime,
    kind_code: str | None = None,
    encoding: str | None = None,
) -> ImportRun:
    """
    Say which column holds which field; saved for the next file of this source with the same columns.

    Raises FileRefused on an unknown field or column, two fields of one column, or a run that has begun.
    """
    run = ImportRun.objects.select_for_update().get(pk=import_id)
    if run.state != ImportState.UPLOADED:
        raise FileRefused(mark("导入已经开始，不能再改对应关系"))
    kind = FILE_KINDS[kind_code or run.kind_code]
    wrong = [name for name in (*mapping, *constants) if name not in kind.names]
    columns = list(mapping.values())
    if wrong or any(not 0 <= column < len(run.header) for column in columns):
        raise FileRefused(mark("没有这个字段或列：{names}"), names=" ".join(wrong) or max(columns))
    if len(set(columns)) != len(columns):
        twice = next(column for column in columns if columns.count(column) > 1)
        raise FileRefused(mark("“{column}”一列对应了两个字段；一列只能对应一个"), column=run.header[twice])
    if any(mark in value or len(value) > 200 for value in constants.values() for mark in ',"\r\n'):
        raise FileRefused(mark("整个文件共用的值不能含逗号、引号或换行，且不超过 200 字"))
    run.kind_code, run.mapping = kind.code, dict(mapping)
    run.constants = {name: value.strip() for name, value in constants.items() if value.strip() and name not in mapping}
    run.encoding = encoding if encoding in ("utf-8", "gb18030") else run.encoding
    run.save(update_fields=["kind_code", "mapping", "constants", "encoding"])
    ImportMapping.objects.update_or_create(
        source_code=run.source_code,
        kind_code=run.kind_code,
        header_sha256=header_hash(run.header),
        defaults={"mapping": run.mapping, "constants": run.constants, "used_at": now},
    )
    return run


def import_unfinished(*, import_id: int) -> int:
    """
    Return the import that goes on with this file: an earlier one of the same bytes, columns and source that was cut off and that
    nobody runs now, else this one. Where it is an earlier one, this upload is dropped.
    """
    run = ImportRun.objects.get(pk=import_id)
    same = ImportRun.objects.filter(
        state=ImportState.RUNNING, source_code=run.source_code, kind_code=run.kind_code, sha256=run.sha256,
        encoding=run.encoding, replay_of=run.replay_of,
    )  # fmt: skip
    for earlier in list(same.exclude(pk=run.pk).order_by("-pk")):
        is_alike = (earlier.mapping, earlier.constants) == (run.mapping, run.constants)
        if is_alike and upload_path(earlier.pk).exists() and not import_is_running(earlier.pk):
            upload_delete(run.pk)
            run.delete()
            return earlier.pk
    return run.pk


def header_hash(header: Iterable[str]) -> str:
    """Return the hash by which files with the same columns are known."""
    return sha256("\x1f".join(header).encode("utf-8", "backslashreplace")).hexdigest()


def _source_ensure(code: str, title: str, now: datetime) -> None:
    config = SourceConfig.objects.filter(code=code).first()
    if config is not None:
        if config.kind_code != CODE:
            raise FileRefused(mark("来源 {code} 是一个已连接的系统；请为文件另取一个来源代码"), code=code)
        return
    if not _SOURCE_CODE.fullmatch(code):
        raise FileRefused(mark("来源代码只用小写字母、数字和下划线，以字母开头，最多 32 位"))
    source_configure(code=code, kind_code=CODE, settings={}, title=title or "文件导入", now=now)


def shown_name(file_name: str) -> str:
    """Keep the last part of a name, printable; whatever else it says is no path of ours."""
    name = PurePosixPath(file_name.replace("\\", "/")).name
    return "".join(mark for mark in name if mark.isprintable())[-120:] or "file"


def _first_line(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the bytes up to the end of the first line with anything in it, and all blocks again."""
    taken: list[bytes] = []
    head = b""
    for block in blocks:
        taken.append(block)
        head += block
        start = len(head) - len(head.lstrip(b"\r\n\t ,;"))
        end = head.find(b"\n", start)
        if end >= 0:
            return head[: end + 1], chain(taken, blocks)
        if len(head) > LONGEST_LINE:
            raise FileRefused(mark("第一行超过 128 KB；这不像一张表"))
    return head, iter(taken)


def _replayed(head: bytes, source_code: str) -> ImportRun | None:
    text = ""
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            text = head.decode(encoding)
            break
    found = _REPLAY.search(text)
    return None if found is None else ImportRun.objects.filter(pk=int(found[1]), source_code=source_code).first()


def _raw_lines(blocks: Iterable[bytes], replayed: ImportRun) -> Iterator[bytes]:
    """Yield the mended rows as the text they once were in: the original's header, then the last column of each line."""
    content = b""
    for block in blocks:
        content += block
        if len(content) > LARGEST_WORKBOOK:
            raise FileRefused(mark("错误文件超过 100 MB；请分成几份"))
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("gb18030", "replace")
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow(replayed.header)
    yield out.getvalue().encode("utf-8", "backslashreplace")
    for row in list(csv.reader(StringIO(text.removeprefix("\ufeff"))))[1:]:
        if len(row) > _RAW:
            raw = row[_RAW][1:] if row[_RAW].startswith(_FORMULA) else row[_RAW]
            line = (raw + "\n").encode("utf-8", "backslashreplace")
            yield _unread(line) if row[_REASON] in _UNREAD else line


def _unread(line: bytes) -> bytes:
    """Put the bytes that could not be read back where their stand-ins were left: what nobody mended is refused as before."""
    return _STAND_IN.sub(lambda found: bytes.fromhex(found[1].decode()), line).replace("␀".encode(), b"\0")
