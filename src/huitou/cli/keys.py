"""`huitou keys`: API keys: make, list, revoke."""

import argparse
from datetime import timedelta

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _, language


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="create|list|revoke")
    create = actions.add_parser("create", help=_("建立密钥；内容只显示一次"))
    create.add_argument("--owner", required=True, help=_("持有人的用户名；密钥的权限不超过此人"))
    create.add_argument("--scope", action="append", required=True, help=_("权限，可重复，例如 customers:read"))
    create.add_argument("--title", default="API")
    create.add_argument("--days", type=int, default=90, help=_("多少天后到期，最多 366"))
    actions.add_parser("list", help=_("列出密钥"))
    revoke = actions.add_parser("revoke", help=_("吊销密钥，立即生效"))
    revoke.add_argument("id", type=int)


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.accounts.queries import user_ids
    from huitou.apps.base.clock import utc_now
    from huitou.apps.gateway import queries, services

    now = utc_now()
    if arguments.action == "create":
        owner = user_ids([arguments.owner]).get(arguments.owner)
        if owner is None:
            out.fail(_("没有这个用户：{name}").format(name=arguments.owner))
            return ExitCode.USAGE
        try:
            key, text = services.key_create(
                owner_id=owner, title=arguments.title, scopes=arguments.scope, expires_at=now + timedelta(days=arguments.days),
                by=None, now=now,
            )  # fmt: skip
        except services.KeyRefused as error:
            out.fail(error.filled(_(error.sentence), language()))
            return ExitCode.USAGE
        out.say(_("密钥（只显示这一次）：{text}").format(text=text))
        out.result({"id": key.pk, "key": text, "expires_at": key.expires_at})
    elif arguments.action == "revoke":
        services.key_revoke(key_id=arguments.id, by=None, now=now)
        out.result({"revoked": arguments.id})
    else:
        keys = queries.keys_of()
        header = ["#", _("名称"), _("开头"), _("权限"), _("到期"), _("最近使用")]
        out.table(
            header, [[k.pk, k.title, k.prefix, " ".join(k.scopes), k.revoked_at or k.expires_at, k.last_used_at] for k in keys]
        )
        out.result({"keys": [{"id": k.pk, "prefix": k.prefix, "scopes": k.scopes, "expires_at": k.expires_at} for k in keys]})
    return ExitCode.OK
