"""`huitou datamap`: what every stored column is, and which rows stay longer than they should."""

import argparse

from huitou.cli.commands import ExitCode
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--class", dest="data_class", choices=["general", "sensitive", "secret"], help=_("只列这一级的列"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    open_installation()
    from huitou.apps.base.classified import overdue, tables, unclassified
    from huitou.apps.base.clock import utc_now

    rows = [
        {"table": table.label, "column": name, "class": kind.value, "purpose": table.purpose.value, "keep": table.keep.value,
         "days": table.days}
        for table in tables()
        for name, kind in table.columns()
        if arguments.data_class in (None, kind.value)
    ]  # fmt: skip
    header = [_("表"), _("列"), _("分级"), _("用途"), _("保存到"), _("天数")]
    out.table(header, [["" if value is None else value for value in row.values()] for row in rows])
    missing, late = unclassified(), overdue(utc_now())
    for name in missing:
        out.fail(_("没有分级：{name}").format(name=name))
    for label, count in late.items():
        out.say(_("{table} 有 {count} 行超过保存期限，清理任务会删除").format(table=label, count=count))
    out.result({"columns": rows, "unclassified": missing, "overdue": late})
    return ExitCode.FAILED if missing else ExitCode.OK
