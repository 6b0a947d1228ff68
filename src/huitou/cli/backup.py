"""`huitou backup FILE`: one file with the database and the landing, while everything runs."""

import argparse
from pathlib import Path

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar=_("文件"), help=_("备份写到这里；已有同名文件时拒绝"))
    parser.add_argument("--verify", action="store_true", help=_("不备份，只核对一个已有的备份文件"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.base.clock import utc_now
    from huitou.apps.base.leases import LeaseTaken
    from huitou.apps.upkeep.archive import BackupDamaged, contents_verify
    from huitou.apps.upkeep.backup import backup_make
    from huitou.apps.upkeep.database_copy import ToolMissing

    try:
        if arguments.verify:
            contents = contents_verify(arguments.file)
        else:
            contents = backup_make(arguments.file, now=utc_now(), progress=out.progress)
    except LeaseTaken:
        out.fail(_("正在封存或删除数据，稍后再试"))
        return ExitCode.FAILED
    except (BackupDamaged, ToolMissing, FileExistsError) as error:
        out.fail(str(error))
        return ExitCode.MEND
    size = sum(member.size for member in contents.members)
    text = _("{count} 个文件，{size:.1f} MB，数据截至 {moment}")
    out.say(text.format(count=len(contents.members), size=size / 2**20, moment=contents.made_at))
    if not arguments.verify:
        out.say(_("密钥文件不在备份里：请另外保管；没有它，备份读不出个人数据。"))
    out.result({"file": str(arguments.file), "files": len(contents.members), "bytes": size, "made_at": contents.made_at})
    return ExitCode.OK
