"""`huitou generate`: fill a new installation with a synthetic chain of any size, or add one more day to it."""

import argparse
from datetime import date, timedelta
from pathlib import Path

from huitou.cli.commands import ExitCode
from huitou.cli.init import migrate, prepare_folders
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--members", type=int, default=10_000, help=_("会员人数"))
    parser.add_argument("--days", type=int, default=365, help=_("营业日数"))
    parser.add_argument("--lines-per-member", type=float, default=50.0, help=_("整个期间平均每位会员的订单行数"))
    parser.add_argument("--seed", type=int, default=1, help=_("随机种子"))
    parser.add_argument("--anchor", type=date.fromisoformat, help=_("最后一个营业日，默认昨天"))
    parser.add_argument("--add-day", action="store_true", help=_("在已生成的连锁后面再加一个营业日"))
    parser.add_argument("--lines", type=int, help=_("与 --add-day 合用：大约多少行，默认为会员人数的五分之一"))

    parser.add_argument("--identities", type=Path, help=_("只生成四个来源的脏客户记录和答案，写入该目录（Parquet）"))
    parser.add_argument("--records", type=int, default=100_000, help=_("与 --identities 合用：源记录数"))
    parser.add_argument("--dirt", type=float, default=1.0, help=_("与 --identities 合用：脏数据程度，1 为通常"))
    parser.add_argument("--leases", action="store_true", help=_("与 --identities 合用：用另一套脏法，手机号随时间换人"))
    parser.add_argument("--words", type=Path, help=_("与 --identities 合用：放有姓氏和人名用字频率表的目录"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    if arguments.identities is not None:
        return _identities(arguments, out)
    open_installation()
    from django.conf import settings

    from huitou.apps.base.clock import utc_now
    from huitou.core.periods import business_date
    from huitou.demo.generate import add_day, generate

    prepare_folders(Path(settings.HUITOU_DATA_DIR), Path(settings.HUITOU_KEY_FILE))
    migrate(out)
    now = utc_now()
    if arguments.add_day:
        summary = add_day(lines=arguments.lines, now=now, progress=out.progress)
    else:
        summary = generate(
            members=arguments.members,
            days=arguments.days,
            lines_per_member=arguments.lines_per_member,
            anchor=arguments.anchor or business_date(now) - timedelta(days=1),
            seed=arguments.seed,
            now=now,
            progress=out.progress,
        )
    out.say(_("已写入 {lines} 行、{orders} 张单、{records} 条源记录").format(
        lines=f"{summary.lines:,}", orders=f"{summary.orders:,}", records=f"{summary.records:,}"
    ))  # fmt: skip
    out.result({name: getattr(summary, name) for name in summary.__slots__})
    return ExitCode.OK


def _identities(arguments: argparse.Namespace, out: Output) -> int:
    """Write dirty records with their truth; no installation is needed."""
    from huitou.demo import identities, identities_leases
    from huitou.demo.identities import Recipe, census_words, write_identities

    words = None if arguments.words is None else census_words(arguments.words)
    recipe = Recipe(arguments.records, arguments.seed, arguments.dirt)
    made_by = identities_leases if arguments.leases else identities
    count = write_identities(
        arguments.identities, recipe, words, lambda done, total: out.progress("records", done, total), made_by.record_chunks
    )
    out.say(_("已写入 {records} 条源记录和答案").format(records=f"{count:,}"))
    out.result({"records": count, "folder": str(arguments.identities)})
    return ExitCode.OK
