"""
How long a large dirty file takes from upload to rows in the operations database, and whether every line is accounted for.

    huitou bench import [--rows 1000000] [--web] [--one-process] [--match] [--kill SECONDS] [--postgres]

Writes a GB18030 CSV of members with about 2 % bad lines of nine kinds (columns, quotes, bytes, NULs, keys, phones, dates) and
rare characters, imports it into a fresh installation by the command, and compares: every bad line refused with its line
number, no good line refused, every name as it was written. Prints seconds per step, the peak memory of the process, and with
--web the times of a log-in page that is asked for meanwhile. The sealed parts are stored (encrypted rows, keyed hashes) by a
second process meanwhile, as two workers do it, or afterwards with --one-process. Finding the persons behind the rows is a step
of its own: --match does it, too. --kill ends landing and storing by SIGKILL after so many seconds and lets a second one go on:
what it found is printed as rows_before. --postgres takes a PostgreSQL server with synced commits instead of SQLite.
"""

import argparse
import json
import os
import platform
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huitou.apps.intake.imports import ImportView

NAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超霞平刚桂𠮷〇镕堃喆囍玥"
BAD = {
    "one column less": lambda row: row.rpartition(",")[0],
    "one column more": lambda row: row + ",多",
    "an open quote": lambda row: row.replace(",", ',"', 1),
    "no key": lambda row: ",".join(["", row.split(",")[1], "", *row.split(",")[3:]]),
    "a phone of ten digits": lambda row: row.replace(row.split(",")[2], row.split(",")[2][:-1]),
    "an impossible date": lambda row: row[: row.rfind(",")].rpartition(",")[0] + ",2024-02-31,JN01",
    "a date in the future": lambda row: row[: row.rfind(",")].rpartition(",")[0] + ",2099-01-01,JN01",
}
BAD_BYTES = {
    "bytes of no character": lambda raw: raw.replace(b",", b",\xff\xff", 1),
    "a NUL": lambda raw: raw.replace(b",", b",\0", 1),
}
DATES = ("2024-03-{:02d}", "2024/3/{}", "2024年3月{}日")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--web", action="store_true", help="ask a web server of the same installation meanwhile")
    parser.add_argument("--one-process", action="store_true", help="store after landing, in the same process")
    parser.add_argument("--match", action="store_true", help="find the persons, too")
    parser.add_argument("--kill", type=float, default=0, help="kill landing and storing after so many seconds, then go on")
    parser.add_argument("--postgres", action="store_true", help="operations database in PostgreSQL")
    parser.add_argument("--resume", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--store", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.store:
        store_beside()
        return
    if arguments.child:
        child(arguments.child, is_alone=arguments.one_process, with_match=arguments.match, resumes=arguments.resume)
        return
    with tempfile.TemporaryDirectory(prefix="bench-import-") as folder, database(arguments.postgres) as address:
        home = Path(folder) / "home"
        environment = {**os.environ, **address, "HUITOU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "huitou.web.settings"}
        subprocess.run([sys.executable, "-m", "huitou.cli", "init"], env=environment, check=True, capture_output=True)
        file = Path(folder) / "members.csv"
        bad = write(file, arguments.rows)
        waited: list[float] = []
        stop = threading.Event()
        server = start_web(environment) if arguments.web else None
        asking = threading.Thread(target=ask, args=(waited, stop))
        if server is not None:
            asking.start()
        try:
            command = [
                sys.executable,
                "-m",
                "benchmarks.import",
                "--child",
                str(file),
                *(["--one-process"] if arguments.one_process else []),
                *(["--match"] if arguments.match else []),
            ]
            if arguments.kill:
                first = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
                with suppress(subprocess.TimeoutExpired):
                    first.wait(arguments.kill)
                    raise SystemExit(f"the import ended within {arguments.kill} s: take more rows or kill it earlier")
                os.killpg(first.pid, signal.SIGKILL)  # the storing process, too
                first.wait()
                command.append("--resume")
            done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        finally:
            stop.set()
            if server is not None:
                asking.join()
                server.terminate()
                server.wait()
        result = json.loads(done.stdout.splitlines()[-1])
        refused = set(result.pop("refused"))
        result |= {
            "rows": arguments.rows, "file_mb": round(file.stat().st_size / 1e6), "bad_lines": len(bad),
            "bad_lines_missed": len(bad - refused), "good_lines_refused": len(refused - bad),
            "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        }  # fmt: skip
        if waited:
            ordered = sorted(waited)
            result |= {"web_requests": len(waited), "web_failed": waited.count(float("inf"))}
            if (p95 := ordered[int(0.95 * len(ordered))]) < float("inf"):
                result["web_p95_ms"] = round(1000 * p95)
        print(json.dumps(result, indent=1, ensure_ascii=False))


@contextmanager
def database(is_postgres: bool) -> Iterator[dict[str, str]]:
    """Yield the environment of the operations database: nothing for SQLite."""
    if not is_postgres:
        yield {}
        return
    from tests import postgres

    postgres.SPEED_OVER_SAFETY = ()
    with postgres.server() as url:
        yield {"HUITOU_DATABASE_URL": url}


def write(file: Path, rows: int) -> set[int]:
    """Write the file; return the numbers of its bad lines."""
    rng = random.Random(7)
    kinds = [*BAD, *BAD_BYTES]
    bad: set[int] = set()
    with file.open("wb") as out:
        out.write("会员卡号,姓名,手机号,生日,入会日期,门店\n".encode("gb18030"))
        for number in range(rows):
            name = rng.choice(NAMES) + rng.choice(GIVEN) + rng.choice(GIVEN)
            joined = DATES[number % 3].format(number % 28 + 1)
            born = f"{1950 + number % 60}-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
            row = f"66{number:08d},{name},13{number % 10**9:09d},{born},{joined},JN{number % 36:02d}"
            raw = row.encode("gb18030")
            if rng.random() < 0.02:
                kind = kinds[number % len(kinds)]
                raw = BAD[kind](row).encode("gb18030") if kind in BAD else BAD_BYTES[kind](raw)
                bad.add(number + 2)
            out.write(raw + b"\n")
    return bad


def store_beside() -> None:
    """Store sealed parts until the import has ended and none is left; print the peak memory."""
    import django

    django.setup()
    from huitou.apps.base.clock import utc_now
    from huitou.apps.intake import services
    from huitou.apps.intake.models import ImportRun, ImportState

    while True:
        has_ended = ImportRun.objects.filter(state=ImportState.DONE).exists()
        if not services.batches_store(services.Lane.BULK, now=utc_now()):
            if has_ended:
                break
            time.sleep(0.2)
    print(*used())


def used() -> tuple[int, float]:
    """Return the peak memory in MB and the cpu seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_maxrss // 1024, round(usage.ru_utime + usage.ru_stime, 1)


def child(file: Path, *, is_alone: bool, with_match: bool, resumes: bool) -> None:
    """Import the file in this process, or go on with the import that another left, and print what it took."""
    import django

    django.setup()
    from huitou.apps.base import leases
    from huitou.apps.base.clock import utc_now
    from huitou.apps.identity.models import SourceRecord
    from huitou.apps.intake import services
    from huitou.apps.intake.models import ImportRun

    steps: dict[str, float] = {}
    began = time.perf_counter()

    def step(name: str) -> None:
        nonlocal began
        now = time.perf_counter()
        steps[name], began = round(now - began, 1), now
        print(name, steps[name], file=sys.stderr, flush=True)

    before = None
    if resumes:
        run = ImportRun.objects.get()
        before = counted(run.pk).rows
    else:
        with file.open("rb") as stream:
            run = services.import_upload(
                stream=stream, file_name=file.name, source_code="files", kind_code="members", user_id=None, now=utc_now()
            )
    step("upload_s")
    beside = (
        None if is_alone else subprocess.Popen([sys.executable, "-m", "benchmarks.import", "--store"], stdout=subprocess.PIPE)
    )
    while True:
        try:
            services.import_run(import_id=run.pk, now=utc_now())
            break
        except leases.LeaseTaken:  # of the one that was killed; it runs out
            time.sleep(1)
    step("landing_s")
    peaks = [used()]
    if beside is None:
        services.batches_store(services.Lane.BULK, now=utc_now())
        peaks = [used()]
    else:
        peak, cpu = beside.communicate()[0].split()
        peaks.append((int(peak), float(cpu)))
    step("storing_after_landing_s")
    stored = SourceRecord.objects.count()
    if with_match:
        services.stored_settle(services.Lane.BULK, now=utc_now())
    step("matching_s")
    refused = refused_lines(run.pk)
    step("error_file_s")
    view, total = counted(run.pk), round(steps["upload_s"] + steps["landing_s"] + steps["storing_after_landing_s"], 1)
    print(json.dumps({
        **steps, "rows_before": before, "rows_counted": view.rows,
        "to_database_s": total, "peak_mb": [peak for peak, _ in peaks],
        "cpu_s": [cpu for _, cpu in peaks], "new": view.new, "records_in_database": stored,
        "names_damaged": names_damaged(run.pk, file), "refused": refused,
    }))  # fmt: skip


def counted(import_id: int) -> "ImportView":
    """Return the import with its counts so far."""
    from huitou.apps.base.scope import Viewer
    from huitou.apps.intake.imports import import_view

    view = import_view(Viewer(0, "admin", None), import_id)
    assert view is not None
    return view


def refused_lines(import_id: int) -> list[int | None]:
    """Return the numbers of the lines that the error file names."""
    from huitou.apps.base.scope import Viewer
    from huitou.apps.intake.imports import refused_rows

    return [row.line for row in refused_rows(Viewer(0, "admin", None), import_id)]


def names_damaged(import_id: int, file: Path) -> int:
    """Count the landed names that differ from those of the file."""
    from huitou.apps.base.secrets import keyring
    from huitou.apps.base.storage import layout
    from huitou.apps.intake.models import Batch
    from huitou.warehouse.landing.read import read_table

    damaged, lines = 0, file.read_bytes().split(b"\n")
    for batch_id in Batch.objects.filter(import_id=import_id).values_list("pk", flat=True):
        records = read_table(layout(), "files", batch_id, "records", keyring())
        for row_no, name in zip(records["row_no"].to_pylist(), records["name"].to_pylist(), strict=True):
            damaged += name != lines[row_no - 1].decode("gb18030").split(",")[1]
    return damaged


def start_web(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the web server alone and wait until it answers."""
    command = [sys.executable, "-m", "huitou.cli", "serve", "--no-worker", "--port", str(WEB_PORT)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    import httpx

    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{WEB_PORT}/healthz", timeout=1)
            return server
        except httpx.HTTPError:
            time.sleep(0.2)
    server.terminate()
    raise SystemExit("the web server did not start")


WEB_PORT = 8731


def ask(waited: list[float], stop: threading.Event) -> None:
    """Ask for a page five times a second."""
    import httpx

    while not stop.wait(0.2):
        began = time.perf_counter()
        answer = httpx.get(f"http://127.0.0.1:{WEB_PORT}/account/login", timeout=30, follow_redirects=True)
        waited.append(time.perf_counter() - began if answer.is_success else float("inf"))


if __name__ == "__main__":
    main()
