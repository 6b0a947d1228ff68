"""`huitou init`: make a new installation, or bring an old one's database up to date. Safe to run again."""

import argparse
import getpass
import os
from pathlib import Path

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _

PASSWORD_VARIABLE = "HUITOU_ADMIN_PASSWORD"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--admin", metavar=_("用户名"), help=_("新建系统管理员；密码从终端或环境变量 {name} 读取").format(name=PASSWORD_VARIABLE)
    )


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from django.conf import settings

    data_dir, key_file = Path(settings.HUITOU_DATA_DIR), Path(settings.HUITOU_KEY_FILE)
    is_new_key = prepare_folders(data_dir, key_file)
    migrate(out)
    if is_new_key:
        out.say(_("新密钥文件：{path}。请另存一份；没有它，个人数据无法读取。").format(path=key_file))
    if arguments.admin and not _admin_create(arguments.admin, out):
        return ExitCode.USAGE
    out.say(_("安装就绪：{path}").format(path=data_dir))
    out.result({"data_dir": str(data_dir), "key_file": str(key_file), "new_key": is_new_key})
    return ExitCode.OK


def prepare_folders(data_dir: Path, key_file: Path) -> bool:
    """Make the data folder for its owner only, and a key file unless there is one; return whether the key is new."""
    from huitou.apps.base import secrets

    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if key_file.exists():
        secrets.keyring()  # raises when it cannot be read
        return False
    secrets.key_file_create(key_file)
    return True


def migrate(out: Output) -> None:
    """Bring the database to the newest tables."""
    from django.core.management import call_command

    out.progress(_("更新数据库"))
    call_command("migrate", verbosity=0, interactive=False)


def _admin_create(name: str, out: Output) -> bool:
    from django.core.exceptions import ValidationError

    from huitou.apps.accounts.queries import usernames_known
    from huitou.apps.accounts.roles import Role
    from huitou.apps.accounts.services import user_save
    from huitou.apps.base.clock import utc_now

    if usernames_known([name]):
        out.fail(_("用户名 {name} 已存在").format(name=name))
        return False
    password = os.environ.get(PASSWORD_VARIABLE) or getpass.getpass(_("{name} 的密码：").format(name=name))
    try:
        user_save(username=name, password=password, role_code=Role.ADMIN, display_name=name, now=utc_now())
    except ValidationError as error:
        out.fail(" ".join(error.messages))
        return False
    return True
