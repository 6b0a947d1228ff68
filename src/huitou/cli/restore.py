"""`huitou restore FILE`: a backup into an empty installation, erasures run again, a fresh version built."""

import argparse
from pathlib import Path

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar=_("文件"), help=_("huitou backup 写出的文件"))
    parser.add_argument("--no-build", action="store_true", help=_("不建立分析版本，稍后运行 huitou build --base"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.base.clock import utc_now
    from huitou.apps.base.secrets import KeyFileError, keyring
    from huitou.apps.upkeep.archive import BackupDamaged
    from huitou.apps.upkeep.database_copy import DatabaseInUse, ToolMissing
    from huitou.apps.upkeep.restore import RestoreRefused, restore_run

    try:
        keyring()
        restored = restore_run(arguments.file, now=utc_now(), progress=out.progress)
    except (KeyFileError, BackupDamaged, RestoreRefused, DatabaseInUse, ToolMissing) as error:
        out.fail(str(error))
        return ExitCode.MEND
    text = _("已恢复 {moment} 的备份：{count} 个文件；重新删除 {erased} 人，其中 {late} 人在备份之后")
    out.say(
        text.format(
            moment=restored.contents.made_at, count=len(restored.contents.members), erased=restored.erased_again,
            late=restored.since_backup,
        )
    )  # fmt: skip
    version = None
    if not arguments.no_build:
        from huitou.apps.builds import services

        version = services.base_run(now=utc_now(), progress=out.progress).number
        out.say(_("当前版本 {version}").format(version=version))
    out.result({"made_at": restored.contents.made_at, "erased_again": restored.erased_again, "version": version})
    return ExitCode.OK
