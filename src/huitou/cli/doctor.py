"""`huitou doctor`: say what is wrong with this installation and how to mend it."""

import argparse

from huitou.cli.commands import ExitCode
from huitou.cli.output import Output
from huitou.cli.words import _

MARKS = {"ok": "✓", "warn": "!", "bad": "✗"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help=_("不联系来源，不校验批次文件"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    from huitou.cli.examination import examine

    findings = list(examine(quick=arguments.quick))
    for finding in findings:
        out.say(f"{MARKS[finding.state]} {finding.about}：{finding.sentence}")
        if finding.mend:
            out.say(f"    → {finding.mend}")
    bad = sum(finding.state == "bad" for finding in findings)
    out.say(_("{bad} 处需要修复").format(bad=bad) if bad else _("没有发现问题"))
    rows = [{"about": f.about, "state": f.state, "sentence": f.sentence, "mend": f.mend} for f in findings]
    out.result({"findings": rows, "bad": bad})
    return ExitCode.MEND if bad else ExitCode.OK
