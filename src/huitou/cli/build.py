"""`huitou build`: run one micro-batch, or with --base the whole rebuild, in this process."""

import argparse

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.tick import moment
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--base", action="store_true", help=_("从原始层重建全部，并与增量结果比对"))
    parser.add_argument("--now", type=moment, metavar="ISO", help=_("当作现在的时间；默认是此刻"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.base.clock import utc_now
    from huitou.apps.builds import services

    now = arguments.now or utc_now()
    if arguments.base:
        build = services.base_run(now=now, progress=out.progress)
        out.say(_("已发布版本 {version}（截止 {as_of}）").format(version=build.number, as_of=build.as_of))
        out.result({"version": build.number, "as_of": build.as_of, "rows": build.rows, "seconds": build.seconds})
        return ExitCode.OK
    result = services.cycle_run(now=now, progress=out.progress)
    for error in result.intake.errors:
        out.say(error)
    if result.version is None:
        out.say(_("还没有任何数据：先用 huitou sources pull 拉取"))
    else:
        out.say(_("当前版本 {version}").format(version=result.version))
    published = result.published
    out.result(
        {
            "version": result.version,
            "sealed": result.intake.sealed,
            "errors": result.intake.errors,
            "written": published.written if published else 0,
            "deleted": published.deleted if published else 0,
        }
    )
    return ExitCode.FAILED if result.intake.errors else ExitCode.OK
