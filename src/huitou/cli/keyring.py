"""`huitou keyring`: which encryption keys there are; `huitou keyring rotate`: a new one, and every stored value sealed anew."""

import argparse
import time

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", choices=["show", "rotate", "reseal"], default="show",
        help=_("show 列出；rotate 新增一把并改用它；reseal 只把旧密钥加密的值改用当前密钥（中断后接着做）"),
    )  # fmt: skip


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from pathlib import Path

    from django.conf import settings

    from huitou.apps.base import secrets
    from huitou.apps.base.audit import audit_record
    from huitou.apps.base.clock import utc_now

    path = Path(settings.HUITOU_KEY_FILE)
    try:
        if arguments.action == "rotate":
            number = secrets.key_add(path)
            time.sleep(2 * secrets.LOOK_EVERY_SECONDS)  # every running process has seen the key before anything needs it
            secrets.key_use(path, number)
            audit_record(action_code="keys.rotate", subject_kind="key", subject_id=number, now=utc_now())
            out.say(_("新密钥 {number} 已启用。请立即另存一份密钥文件：{path}").format(number=number, path=path))
        ring = secrets.keyring()
    except secrets.KeyFileError as error:
        out.fail(str(error))
        return ExitCode.MEND
    if arguments.action == "show":
        out.say(_("当前密钥 {current}，共 {count} 把").format(current=ring.current, count=len(ring.masters)))
        out.result({"current": ring.current, "keys": sorted(ring.masters)})
        return ExitCode.OK
    return _reseal(out)


def _reseal(out: Output) -> int:
    from huitou.apps.base.sealed import reseal, sealed_columns

    unreadable, renewed = 0, 0
    for column in sealed_columns():
        found = reseal(column, progress=lambda count, name=column.name: out.progress(name, count, None))  # type: ignore[misc]
        renewed += found.renewed
        if found.unreadable:
            unreadable += len(found.unreadable)
            out.fail(_("{column} 有 {count} 个值解不开").format(column=column.name, count=len(found.unreadable)))
    out.say(_("{count} 个值已改用当前密钥。原始层文件和旧备份仍需旧密钥，不要删掉它们。").format(count=renewed))
    out.result({"renewed": renewed, "unreadable": unreadable})
    return ExitCode.FAILED if unreadable else ExitCode.OK
