"""`huitou resolve`: run the matcher over all source records again, after its rules or blocked numbers changed."""

import argparse

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    """No options: everything is resolved; people's own decisions stay."""


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.base.clock import utc_now
    from huitou.apps.base.leases import LeaseTaken
    from huitou.apps.identity.queries import current_map_seq
    from huitou.apps.identity.services import everything_resolve

    before = current_map_seq()
    out.progress(_("匹配全部源记录"))
    try:
        found = everything_resolve(now=utc_now())
    except LeaseTaken:
        out.fail(_("正在导入文件或首次装载，稍后再试"))
        return ExitCode.FAILED
    profile = found.profile() if found is not None else {}
    changes = current_map_seq() - before
    out.say(_("{records} 条源记录，{entities} 位客户，身份变更 {changes} 项").format(
        records=profile.get("records", 0), entities=profile.get("entities", 0), changes=changes
    ))  # fmt: skip
    out.result({**profile, "changes": changes})
    return ExitCode.OK
