"""
The one command, `huitou`.

Exit codes: 0 done, 1 failed (the message says what and where), 2 wrong usage, 3 something in the installation must be
mended first. `--json` prints one JSON object on standard output; messages and progress go to standard error.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from huitou.cli.commands import COMMANDS, Command, ExitCode
from huitou.cli.output import Output
from huitou.cli.words import _


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Only the module of the chosen command is imported."""
    words = list(sys.argv[1:] if argv is None else argv)
    command = next((command for command in COMMANDS if words[:1] == [command.name]), None)
    if command is None:
        return _no_command(words)
    module = import_module(command.module)
    parser = argparse.ArgumentParser(prog=f"huitou {command.name}", description=_(command.title))
    parser.add_argument("--json", action="store_true", help=_("以 JSON 输出结果"))
    module.configure(parser)
    try:
        arguments = parser.parse_args([word for word in words[1:] if word != "--json"])  # it may stand anywhere
    except SystemExit as stop:
        return int(stop.code or 0)
    return _run(module.run, arguments, Output(as_json="--json" in words))


def _no_command(words: list[str]) -> int:
    width = max(len(command.name) for command in COMMANDS)
    lines = [_("用法：huitou <命令> [选项]；huitou <命令> --help 查看选项"), ""]
    lines += [f"  {command.name.ljust(width)}  {_(command.title)}" for command in COMMANDS]
    text = "\n".join(lines)
    if words[:1] in (["--help"], ["-h"], ["help"]):
        print(text)
        return ExitCode.OK
    if words:
        print(_("没有这个命令：{name}").format(name=words[0]), file=sys.stderr)
    print(text, file=sys.stderr)
    return ExitCode.USAGE


def _run(run: Callable[[argparse.Namespace, Output], int], arguments: argparse.Namespace, out: Output) -> int:
    """Run a command; our own exceptions carry their message for the user, anything else keeps its traceback."""
    try:
        return int(run(arguments, out))
    except KeyboardInterrupt:
        out.say(_("已中断；再次运行会从中断处继续。"))
        return ExitCode.FAILED
    except BrokenPipeError:
        return ExitCode.FAILED
    except Exception as error:
        if type(error).__module__.startswith("huitou."):
            out.fail(str(error))
            return ExitCode.FAILED
        if type(error).__module__.startswith("django.db"):
            out.fail(_("数据库出错：{error}；运行 huitou doctor 查看原因").format(error=error))
            return ExitCode.MEND
        raise


__all__ = ["Command", "main"]
