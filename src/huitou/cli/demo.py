"""`huitou demo`: the demo chain through the whole pipeline, then the web server on 127.0.0.1 with its fakes beside it."""

import argparse
import os
import threading
from pathlib import Path

from huitou.cli import serve
from huitou.cli.commands import ExitCode
from huitou.cli.init import migrate, prepare_folders
from huitou.cli.installation import open_installation
from huitou.cli.output import Output
from huitou.cli.words import _


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help=_("端口"))
    parser.add_argument("--no-serve", action="store_true", help=_("只准备数据，不启动网站"))


def run(arguments: argparse.Namespace, out: Output) -> int:
    os.environ.setdefault("HUITOU_LOG_LEVEL", "WARNING")  # whoever tries the demo reads log-ins here, not requests
    open_installation()
    from django.conf import settings

    from huitou.apps.base.clock import utc_now
    from huitou.demo.run import LOG_INS, PASSWORD, run_demo
    from huitou.demo.trickle import start_trickle

    prepare_folders(Path(settings.HUITOU_DATA_DIR), Path(settings.HUITOU_KEY_FILE))
    migrate(out)
    demo = run_demo(Path(settings.HUITOU_DATA_DIR), now=utc_now(), progress=out.progress)
    stop = threading.Event()
    try:
        out.say(_("演示数据已就绪。登录名（密码都是 {password}）：").format(password=PASSWORD))
        out.table((_("登录名"), _("角色")), [(one.username, one.role_code.label) for one in LOG_INS])
        figures = {name: demo.planted[name] for name in ("persons", "records", "duplicate_share", "content_hash")}
        out.result({"is_new": demo.is_new, **figures, "log_ins": [one.username for one in LOG_INS]})
        if arguments.no_serve:
            return ExitCode.OK
        start_trickle(demo.fakes, stop)
        words = argparse.ArgumentParser()
        serve.configure(words)
        return serve.run(words.parse_args(["--host", "127.0.0.1", "--port", str(arguments.port)]), out)
    finally:
        stop.set()
        demo.fakes.stop()
