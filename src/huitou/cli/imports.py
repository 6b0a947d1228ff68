"""`huitou import FILE`: bring a file of members, orders, points ... into this installation."""

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _, language

if TYPE_CHECKING:
    from huitou.apps.intake.imports import ImportView


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=_("CSV、Excel、Parquet 或压缩包"))
    parser.add_argument("--kind", required=True, help=_("members、customers、orders、points、products、stores、tickets、leads"))
    parser.add_argument("--source", default="files", help=_("来源代码；同一来源的文件互相更新"))
    parser.add_argument("--map", action="append", default=[], metavar=_("字段=列名"), help=_("指定对应关系，可重复"))
    parser.add_argument("--set", action="append", default=[], metavar=_("字段=值"), help=_("整个文件共用的值，可重复"))
    parser.add_argument("--dry-run", action="store_true", help=_("只检查，不写入"))
    parser.add_argument("--errors", type=Path, help=_("把被隔离的行写到这个 CSV 文件"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.base.clock import utc_now
    from huitou.apps.base.scope import Viewer
    from huitou.apps.intake import imports, services
    from huitou.connectors.files.tables import FileRefused

    operator = Viewer(user_id=0, role_code="engineer", store_ids=None)
    try:
        import_id = _upload(arguments, out)
        if import_id is None:
            return ExitCode.USAGE
        if arguments.dry_run:
            checked = services.import_check(import_id=import_id, now=utc_now(), whole=True)
            for error in checked.errors:
                out.say(_("第 {line} 行：{reason}").format(line=error["row_no"], reason=error["reason"]))
            out.result({"import": import_id, "rows": checked.rows, "counts": checked.counts})
            return ExitCode.OK
        import_id = services.import_unfinished(import_id=import_id)
        refused_sources = _bring(import_id, out)
    except FileRefused as error:
        out.fail(error.filled(_(error.sentence), language()))
        return ExitCode.FAILED
    view = imports.import_view(operator, import_id)
    assert view is not None
    if arguments.errors:
        with arguments.errors.open("wb") as target:
            target.writelines(imports.error_file(operator, import_id))
    out.say(_("{rows} 行：新建 {new}，更新 {updated}，无变化 {unchanged}，隔离 {refused}").format(
        rows=view.rows, new=view.new, updated=view.updated, unchanged=view.unchanged, refused=view.refused
    ))  # fmt: skip
    out.result({
        "import": view.import_id, "rows": view.rows, "new": view.new, "updated": view.updated, "unchanged": view.unchanged,
        "quarantined": view.refused, "encoding": view.encoding, "mapping": json.loads(json.dumps(view.mapping)),
    })  # fmt: skip
    why = _why_not_whole(view, refused_sources)
    for sentence in why:
        out.say(sentence)
    return ExitCode.FAILED if why else ExitCode.OK


def _upload(arguments: argparse.Namespace, out: Output) -> int | None:
    """Store the file and say which column is which; None where the file or a column is not there. Raises FileRefused."""
    from huitou.apps.base.clock import utc_now
    from huitou.apps.intake import services

    try:
        stream = arguments.file.open("rb")
    except OSError as error:
        out.fail(_("无法读取 {file}：{error}").format(file=arguments.file, error=error))
        return None
    with stream:
        uploaded = services.import_upload(
            stream=stream, file_name=arguments.file.name, source_code=arguments.source, kind_code=arguments.kind, user_id=None,
            now=utc_now(),
        )  # fmt: skip
    pairs = _pairs(arguments.map)
    wrong = [name for name in pairs.values() if name not in uploaded.header]
    if wrong:
        out.fail(_("文件里没有这一列：{names}").format(names="、".join(wrong)))
        return None
    chosen = {field: uploaded.header.index(name) for field, name in pairs.items()}
    kept = {field: column for field, column in uploaded.mapping.items() if column not in chosen.values()}
    fixed = {**uploaded.constants, **_pairs(arguments.set)}
    services.import_map(import_id=uploaded.pk, mapping={**kept, **chosen}, constants=fixed, now=utc_now())
    return uploaded.pk


def _bring(import_id: int, out: Output) -> tuple[str, ...]:
    """
    Import, store, seek the persons and publish; what somebody else is doing, or took over, is waited for and looked at again.

    Returns the sentences of sources whose pages cannot be sealed.
    """
    from huitou.apps.base import leases
    from huitou.apps.base.clock import utc_now
    from huitou.apps.builds.services import backfill_run, cycle_run
    from huitou.apps.intake import services

    while True:
        try:
            services.import_run(import_id=import_id, now=utc_now(), progress=out.progress)
            errors = backfill_run(now=utc_now()).errors
            cycle_run(now=utc_now(), live_only=True)
            if not services.import_waits(import_id):
                return errors
        except (leases.LeaseTaken, leases.LeaseLost):
            pass
        time.sleep(1)


def _why_not_whole(view: "ImportView", refused_sources: tuple[str, ...]) -> list[str]:
    """Say why a file is not in the installation, or not all the way; nothing for one that is."""
    why = list(refused_sources)
    if view.state != "done":
        why.append(
            _("导入 {number} 没有读完：{error}").format(number=view.import_id, error=_(view.error) if view.error else view.state)
        )
    elif not view.is_applied:
        sentence = _("导入 {number} 的行已经收下，还没有写到客户；运行 huitou build 继续")
        why.append(sentence.format(number=view.import_id))
    elif not view.rows:
        why.append(_("文件只有表头，没有数据行"))
    elif view.refused == view.rows:
        why.append(_("每一行都被隔离，没有写入；--errors 写出每一行的原因"))
    return why


def _pairs(texts: list[str]) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _equals, value in (text.partition("=") for text in texts)}
