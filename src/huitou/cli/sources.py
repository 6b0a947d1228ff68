"""`huitou sources`: list, check and pull the connected systems, connect new ones, and serve the fake ones."""

import argparse
import json
import signal
import threading
from pathlib import Path

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|check|pull|connect|fake")
    actions.add_parser("list", help=_("列出已连接的来源"))
    actions.add_parser("check", help=_("逐个测试来源能否连通"))
    pull = actions.add_parser("pull", help=_("立即拉取一个或全部来源"))
    pull.add_argument("code", nargs="?", help=_("来源代码；不填则拉取全部"))
    connect = actions.add_parser("connect", help=_("按 JSON 文件连接来源：{代码: {设置: 值}}"))
    connect.add_argument("file", type=Path)
    fake = actions.add_parser("fake", help=_("启动四个模拟系统"))
    fake.add_argument("chain", type=Path, help=_("数据目录（不存在则新建空的）"))
    fake.add_argument("--mall-port", type=int, default=0)
    fake.add_argument("--aftersales-port", type=int, default=0)


def run(arguments: argparse.Namespace, out: Output) -> int:
    if arguments.action == "fake":
        return _fake(arguments, out)
    open_installation()
    actions = {"list": _list, "check": _check, "pull": _pull, "connect": _connect}
    return actions[arguments.action](arguments, out)


def _list(arguments: argparse.Namespace, out: Output) -> int:
    from huitou.apps.base.clock import utc_now
    from huitou.apps.intake.queries import source_states

    states = source_states(now=utc_now())
    header = [_("代码"), _("名称"), _("最近拉取"), _("待入库行数"), _("错误")]
    out.table(header, [[s.code, s.title, _minute(s.last_pull_at), s.waiting_rows, s.error] for s in states])
    out.result(
        {"sources": [{"code": s.code, "enabled": s.is_enabled, "waiting": s.waiting_rows, "error": s.error} for s in states]}
    )
    return ExitCode.OK


def _check(arguments: argparse.Namespace, out: Output) -> int:
    from huitou.apps.intake.services import sources_check

    found = sources_check()
    for code, problem in found.items():
        out.say(f"{code}: {problem or _('正常')}")
    out.result({"sources": found})
    return ExitCode.MEND if any(found.values()) else ExitCode.OK


def _pull(arguments: argparse.Namespace, out: Output) -> int:
    from huitou.apps.base.clock import utc_now
    from huitou.apps.intake.services import source_pull, sources_pull

    now = utc_now()
    outcomes = (
        [source_pull(source_code=arguments.code, now=now, progress=out.progress)]
        if arguments.code
        else sources_pull(now=now, progress=out.progress)
    )
    for outcome in outcomes:
        out.say(_("{code}：{pages} 页，{rows} 行 {error}").format(
            code=outcome.source_code, pages=outcome.pages, rows=outcome.rows, error=outcome.error
        ).rstrip())  # fmt: skip
    out.result({"pulled": [{"code": o.source_code, "pages": o.pages, "rows": o.rows, "error": o.error} for o in outcomes]})
    return ExitCode.FAILED if any(outcome.error for outcome in outcomes) else ExitCode.OK


def _connect(arguments: argparse.Namespace, out: Output) -> int:
    from huitou.apps.base.clock import utc_now
    from huitou.apps.intake.services import source_configure

    try:
        wanted = json.loads(arguments.file.read_text(encoding="utf-8"))
        pairs = {code: {name: str(value) for name, value in settings.items()} for code, settings in wanted.items()}
    except (OSError, ValueError, AttributeError) as error:
        out.fail(_("无法读取 {file}：{error}").format(file=arguments.file, error=error))
        return ExitCode.USAGE
    for code, settings in pairs.items():
        kind = settings.pop("connector", code)
        source_configure(code=code, kind_code=kind, settings=settings, now=utc_now())
        out.say(_("已连接 {code}").format(code=code))
    out.result({"connected": sorted(pairs)})
    return ExitCode.OK


def _fake(arguments: argparse.Namespace, out: Output) -> int:
    from huitou.connectors.fakes import SETTINGS_FILE, serve_fakes

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with serve_fakes(arguments.chain, mall_port=arguments.mall_port, aftersales_port=arguments.aftersales_port):
        settings = arguments.chain / SETTINGS_FILE
        out.say(_("模拟系统已启动；连接设置在 {file}，用 huitou sources connect {file} 连接").format(file=settings))
        out.result({"settings": str(settings)})
        stop.wait()
    return ExitCode.OK


def _minute(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment is not None else "-"
