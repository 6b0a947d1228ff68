"""`huitou bench NAME`: run benchmarks/NAME.py of a checkout."""

import argparse
import runpy
import sys
from pathlib import Path

from huitou.cli.commands import ExitCode
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help=_("测量名称；不填则列出全部"))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=_("传给该测量的选项"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    folder = Path.cwd() / "benchmarks"
    names = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    if not names:
        out.fail(_("当前目录没有 benchmarks/：请在源码目录中运行"))
        return ExitCode.MEND
    if arguments.name is None:
        for name in names:
            out.say(name)
        out.result({"benchmarks": names})
        return ExitCode.OK
    if arguments.name not in names:
        out.fail(_("没有名为 {name} 的测量；可用：{names}").format(name=arguments.name, names=", ".join(names)))
        return ExitCode.USAGE
    sys.argv = [f"benchmarks/{arguments.name}.py", *arguments.rest]
    sys.path.insert(0, str(folder.parent))
    runpy.run_module(f"benchmarks.{arguments.name}", run_name="__main__", alter_sys=True)  # its own processes find it by name
    return ExitCode.OK
