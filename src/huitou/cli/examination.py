"""The examinations of `huitou doctor`: each looks at one thing and says how it is and what mends it."""

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from huitou.cli.installation import open_installation
from huitou.cli.words import _

State = Literal["ok", "warn", "bad"]
LEAST_FREE_BYTES = 2 << 30
FREE_IN_BASES = 3  # old version, new version, and what a build spills
SAMPLED_BATCHES = 5
STUCK_AFTER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one examination found; `mend` says what to do, empty when nothing is to be done."""

    about: str
    state: State
    sentence: str
    mend: str = ""


def examine(*, quick: bool) -> Iterator[Finding]:
    """Yield the findings in order. What cannot be examined because something before it is broken is left out."""
    try:
        open_installation()
    except Exception as error:  # whatever is wrong with the settings, the user must read it
        yield Finding(_("配置"), "bad", str(error), _("检查 HUITOU_ 开头的环境变量"))
        return
    for look in (key_file, data_folder, disk_space):
        yield from look()
    reachable = list(database())
    yield from reachable
    if any(finding.state == "bad" for finding in reachable):
        return
    looks: list[Callable[[], Iterator[Finding]]] = [versions, second_sqlite, worker, jobs, assets, translations]
    for look in looks if quick else [*looks, retention, access_log, batches, sources]:
        yield from look()


def key_file() -> Iterator[Finding]:
    from django.conf import settings

    from huitou.apps.base import secrets

    about, path = _("密钥文件"), Path(settings.HUITOU_KEY_FILE)
    try:
        secrets.keyring()
    except secrets.KeyFileError as error:
        yield Finding(about, "bad", str(error), _("从备份恢复密钥文件；全新安装则运行 huitou init"))
        return
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding(about, "bad", _("{path} 可被其他用户读取").format(path=path), f"chmod 600 {path}")
    elif Path(settings.HUITOU_DATA_DIR) in path.parents:
        yield Finding(about, "bad", _("密钥放在数据目录里，会随备份一起泄露"), _("移到数据目录之外，并设置 HUITOU_KEY_FILE"))
    else:
        yield Finding(about, "ok", str(path))


def data_folder() -> Iterator[Finding]:
    from django.conf import settings

    about, path = _("数据目录"), Path(settings.HUITOU_DATA_DIR)
    if not path.is_dir():
        yield Finding(about, "bad", _("{path} 不存在").format(path=path), "huitou init")
    elif not os.access(path, os.W_OK | os.X_OK):
        yield Finding(about, "bad", _("{path} 不可写").format(path=path), _("让运行 Huitou 的用户拥有该目录"))
    elif stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding(about, "warn", _("{path} 可被其他用户读取").format(path=path), f"chmod 700 {path}")
    else:
        yield Finding(about, "ok", str(path))


def disk_space() -> Iterator[Finding]:
    from django.conf import settings

    path = Path(settings.HUITOU_DATA_DIR)
    if not path.is_dir():
        return
    free = shutil.disk_usage(path).free
    base = max((file.stat().st_size for file in path.glob("warehouse/base-*.duckdb")), default=0)
    needed = max(LEAST_FREE_BYTES, FREE_IN_BASES * base)
    sentence = _("剩余 {free:.1f} GB，重建需要约 {needed:.1f} GB").format(free=free / 2**30, needed=needed / 2**30)
    if free < needed:
        yield Finding(_("磁盘空间"), "bad", sentence, _("清理磁盘，或把 HUITOU_DATA_DIR 移到更大的磁盘"))
    else:
        yield Finding(_("磁盘空间"), "ok", sentence)


def database() -> Iterator[Finding]:
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    about = _("业务数据库")
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Finding(about, "bad", str(error).strip(), _("启动数据库，检查 HUITOU_DATABASE_URL；文件损坏则从备份恢复"))
        return
    if missing:
        yield Finding(about, "bad", _("缺少 {count} 个结构更新").format(count=len(missing)), "huitou init")
        return
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            mode = cursor.execute("pragma journal_mode").fetchone()[0]
            sound = cursor.execute("pragma quick_check(1)").fetchone()[0]
        if sound != "ok":
            yield Finding(about, "bad", sound, _("停止服务，从备份恢复数据库文件"))
            return
        if mode != "wal":
            yield Finding(
                about, "bad", _("SQLite 未处于 WAL 模式（{mode}）").format(mode=mode), _("数据目录须在本地磁盘上，不能是网络盘")
            )
            return
    yield Finding(about, "ok", connection.vendor)


def versions() -> Iterator[Finding]:
    from huitou.apps.base.storage import layout
    from huitou.warehouse.switch import BadPointer, current

    about = _("分析库版本")
    try:
        version = current(layout())
    except BadPointer as error:
        yield Finding(about, "bad", str(error), "huitou build --base")
        return
    if version is None:
        yield Finding(about, "warn", _("还没有发布任何版本"), _("连接来源后运行 huitou sources pull 和 huitou build"))
        return
    missing = [path.name for path in version.files(layout()) if not path.exists()]
    if missing:
        yield Finding(about, "bad", _("缺少文件 {names}").format(names=", ".join(missing)), "huitou build --base")
        return
    from huitou.apps.builds.queries import Health, version_stamp

    stamp = version_stamp()
    state: State = "ok" if stamp.health is Health.OK else "warn"
    yield Finding(about, state, _("版本 {number}：{sentence}").format(number=version.number, sentence=stamp.sentence))


def second_sqlite() -> Iterator[Finding]:
    about = _("SQLite 程序库")
    if any(name.startswith("adbc_driver_sqlite") for name in sys.modules):
        yield Finding(about, "bad", _("进程中有第二个 SQLite 程序库，会损坏数据库文件"), "pip uninstall adbc-driver-sqlite")
    else:
        yield Finding(about, "ok", _("只有一个"))


def worker() -> Iterator[Finding]:
    from huitou.apps.base.clock import utc_now
    from huitou.apps.base.jobs import worker_lease
    from huitou.apps.base.leases import is_held

    if is_held(worker_lease(0), utc_now()):
        yield Finding(_("后台任务进程"), "ok", _("正在运行"))
    else:
        yield Finding(_("后台任务进程"), "warn", _("没有在运行，数据不会更新"), _("运行 huitou serve 或 huitou worker"))


def jobs() -> Iterator[Finding]:
    from huitou.apps.base.clock import utc_now
    from huitou.apps.base.models import Job, JobState

    about, now = _("任务"), utc_now()
    stuck = Job.objects.filter(state=JobState.RUNNING, started_at__lt=now - STUCK_AFTER).order_by("started_at").first()
    if stuck is not None:
        yield Finding(
            about, "warn", _("{name} 已运行超过 2 小时（{step}）").format(name=stuck.name, step=stuck.step), _("重启后台任务进程")
        )
    failed = Job.objects.filter(state=JobState.FAILED, ended_at__gt=now - timedelta(days=1)).order_by("-ended_at")
    last = failed.first()
    if last is not None:
        sentence = _("24 小时内失败 {count} 个，最近：{name}：{error}")
        yield Finding(about, "warn", sentence.format(count=failed.count(), name=last.name, error=last.error))
    if stuck is None and last is None:
        yield Finding(about, "ok", _("没有失败或卡住的任务"))


def assets() -> Iterator[Finding]:
    from django.conf import settings

    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.exists():
        yield Finding(_("网页文件"), "ok", str(manifest.parent))
    else:
        yield Finding(_("网页文件"), "bad", _("尚未生成"), "make setup")


def translations() -> Iterator[Finding]:
    from django.conf import settings

    compiled = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.mo"
    if compiled.exists():
        yield Finding(_("英文界面"), "ok", _("已编译"))
    else:
        yield Finding(_("英文界面"), "warn", _("尚未编译，英文用户会看到中文"), "make setup")


def retention() -> Iterator[Finding]:
    """No row stays longer than the data map says; the clean-up job runs every hour."""
    from datetime import timedelta

    from huitou.apps.base.classified import overdue
    from huitou.apps.base.clock import utc_now

    about, late = _("保存期限"), overdue(utc_now() - timedelta(days=1))
    if late:
        tables = ", ".join(f"{table} {count}" for table, count in late.items())
        yield Finding(about, "warn", _("到期一天还没有删除的行：{tables}").format(tables=tables), "huitou tick")
    else:
        yield Finding(about, "ok", _("没有超过期限的行"))


def access_log() -> Iterator[Finding]:
    """Every link of the chain over the access log is computed again."""
    from huitou.apps.privacy.queries import chain_verify

    about, broken = _("访问日志"), chain_verify()
    if not broken:
        yield Finding(about, "ok", _("完好，没有改动或缺失"))
        return
    first = broken[0]
    sentence = _("{count} 个写入者的记录与封存不符，最早在 {writer} 的第 {number} 条")
    yield Finding(
        about, "bad", sentence.format(count=len(broken), writer=first.writer[:8], number=first.number),
        _("有人改动了日志：保留现场，从备份比对"),
    )  # fmt: skip


def batches() -> Iterator[Finding]:
    """The newest batches are read whole and compared with their manifests, and each manifest with its row."""
    from hashlib import sha256

    from huitou.apps.base.storage import layout
    from huitou.apps.intake.queries import batches_recent
    from huitou.warehouse.landing.manifest import ManifestError
    from huitou.warehouse.landing.read import manifest, verify

    about, problems = _("原始层批次"), []
    recent = batches_recent(limit=SAMPLED_BATCHES)
    for batch in recent:
        try:
            found = manifest(layout(), batch.source_code, batch.pk)
        except ManifestError as error:
            problems.append(str(error))
            continue
        problems += verify(layout(), found)
        if sha256(found.to_json().encode()).hexdigest() != batch.manifest_sha256:
            problems.append(_("批次 {number} 的清单与数据库记录不符").format(number=batch.pk))
    if problems:
        yield Finding(about, "bad", "; ".join(problems[:3]), _("从备份恢复这些批次目录"))
    else:
        yield Finding(about, "ok", _("最近 {count} 个批次完好").format(count=len(recent)))


def sources() -> Iterator[Finding]:
    from huitou.apps.intake.services import sources_check

    for code, problem in sources_check().items():
        if problem:
            yield Finding(_("来源 {code}").format(code=code), "bad", problem, _("修正设置后运行 huitou sources check"))
        else:
            yield Finding(_("来源 {code}").format(code=code), "ok", _("可连通"))
