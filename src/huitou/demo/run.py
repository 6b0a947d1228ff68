"""
Bring up the demo: chain, users, the four fake systems, pull, landing, persons, version: as they stood at the end of last month,
then as they stand now. Every step is skipped when done.

Uses the same services as an ordinary installation; what differs is only that the four systems are fakes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from huitou.apps.accounts.queries import user_ids, usernames_known
from huitou.apps.accounts.roles import STORE_ROLES, Role
from huitou.apps.accounts.services import user_save
from huitou.apps.base import jobs
from huitou.apps.base.queries import jobs_waiting
from huitou.apps.builds.queries import publish_state
from huitou.apps.builds.services import base_run, intake_run
from huitou.apps.intake.services import source_configure, sources_pull
from huitou.apps.products.services import store_ids_ensure
from huitou.apps.quality.services import quality_snapshot
from huitou.connectors.fakes import RunningFakes, serve_fakes
from huitou.core.periods import business_date
from huitou.demo.chain import BUILDER_VERSION, build_chain, planted_figures
from huitou.demo.consents import consents_make
from huitou.demo.coupons import coupons_make
from huitou.demo.drafts import draft_make
from huitou.demo.erasures import missing_make
from huitou.demo.imports import imports_make
from huitou.demo.last_month import month_hold, month_is_held, month_release, night_after
from huitou.demo.segments import segments_make
from huitou.demo.tasks import store_tasks_make
from huitou.demo.views import views_make

PASSWORD = "huitou-demo-2026"  # known to everybody: the demo listens on 127.0.0.1 only
GUIDE, STORE_MANAGER, MARKETER, AGENT = "demo-guide", "demo-store", "demo-marketer", "demo-agent"
ENGINEER, ADMIN = "demo-engineer", "demo-admin"
SOURCES = ("mall", "pos", "membership", "aftersales")

Progress = Callable[..., None]  # step, done, total


class DemoRefused(Exception):
    """The data folder holds something else than a demo, or a source could not be pulled; the message says what to do."""


@dataclass(frozen=True, slots=True)
class LogIn:
    """A user of the demo. Store roles stand in the store of the showcase person."""

    username: str
    role_code: Role
    display_name: str


LOG_INS = (
    LogIn(GUIDE, Role.GUIDE, "导购小悦"),
    LogIn(STORE_MANAGER, Role.STORE_MANAGER, "店长老张"),
    LogIn(MARKETER, Role.MARKETER, "营销小林"),
    LogIn(AGENT, Role.AGENT, "客服小安"),
    LogIn("demo-manager", Role.MANAGER, "总经理"),
    LogIn("demo-analyst", Role.ANALYST, "分析师小何"),
    LogIn(ENGINEER, Role.ENGINEER, "数据工程师小方"),
    LogIn("demo-cashier", Role.CASHIER, "收银小美"),
    LogIn("demo-product", Role.PRODUCT_OWNER, "商品负责人老陈"),
    LogIn("demo-auditor", Role.AUDITOR, "审计员老李"),
    LogIn(ADMIN, Role.ADMIN, "系统管理员"),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo at work: its fakes (stop them at the end), what was planted, and whether anything had to be done."""

    fakes: RunningFakes
    planted: dict[str, Any]
    is_new: bool


def run_demo(data_dir: Path, *, now: datetime, progress: Progress, fraction: float = 1.0) -> Demo:
    """
    Bring the demo up in a prepared installation (key, tables). Killed at any moment, the next run goes on from there.

    Raises DemoRefused, and what build_chain and the pipeline raise.
    """
    chain_dir = data_dir / "demo" / "chain"
    as_of = _published_as_of()
    planted = planted_figures(chain_dir)
    if as_of is not None and planted is None:
        raise DemoRefused(f"{data_dir} holds data that are not a demo's: choose an empty folder (HUITOU_HOME)")
    if planted is None or (as_of is None and planted["builder_version"] != BUILDER_VERSION):
        anchor = business_date(now) - timedelta(days=1)
        planted = build_chain(chain_dir, anchor=anchor, fraction=fraction, progress=progress).planted
    anchor = date.fromisoformat(planted["anchor"])
    is_done = as_of is not None and as_of >= anchor
    if as_of is None:
        month_hold(chain_dir, anchor=anchor)
    begins_at = night_after(anchor) if month_is_held(chain_dir) else now
    fakes = serve_fakes(chain_dir)
    try:
        for code in SOURCES:
            source_configure(code=code, kind_code=code, settings=fakes.settings[code], now=begins_at)
        if month_is_held(chain_dir):
            _load(begins_at, progress)
            _forecast(begins_at)
        month_release(chain_dir)
        if not is_done:
            _load(now, progress)
        _users(planted["showcase"]["store_code"], now)
        people = user_ids([GUIDE, STORE_MANAGER, MARKETER, AGENT, ENGINEER, ADMIN])
        _import(chain_dir, planted, people[ENGINEER], now)
        consents_make(by=people[ENGINEER], role_code=Role.ENGINEER.value, now=now)
        segments_make(owner_id=people[MARKETER], role_code=Role.MARKETER.value, now=now)
        draft_make(author_id=people[MARKETER], now=now)
        coupons_make(owner_id=people[MARKETER], role_code=Role.MARKETER.value, now=now)
        store_tasks_make(manager_id=people[STORE_MANAGER], guide_id=people[GUIDE], now=now)
        missing_make(admin_id=people[ADMIN], agent_id=people[AGENT], now=now)
        for username, role in ((MARKETER, Role.MARKETER), (ADMIN, Role.ADMIN)):
            views_make(owner_id=people[username], role_code=role.value, now=now)
    except BaseException:
        fakes.stop()
        raise
    return Demo(fakes, planted, is_new=not is_done)


def _published_as_of() -> date | None:
    published = publish_state()
    return None if published is None or published.published_version is None else published.as_of


def _load(now: datetime, progress: Progress) -> None:
    """Pull everything and take it in, then what a night does: base, publish, values. As of the day before `now`."""
    outcomes = sources_pull(now=now, progress=progress)
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if errors:
        raise DemoRefused("; ".join(errors))
    progress("建立版本")
    taken = intake_run(now=now)
    if taken.errors:
        raise DemoRefused("; ".join(taken.errors))
    base_run(now=now, progress=progress, compare=False)
    quality_snapshot(now=now)


def _forecast(now: datetime) -> None:
    """Do the forecast of that night and the value run that takes it up: only runs that predict alike are compared."""
    for name in ("value.forecast", "value.run"):
        for job_id in jobs_waiting(name):
            jobs.run_attempt(job_id, lambda: now)


def _import(chain_dir: Path, planted: dict[str, Any], by: int, now: datetime) -> None:
    """Bring in the files that a store filled in by hand; the showcase person is in none of them."""
    showcase = planted["showcase"]
    known = {number for _system, number in showcase["records"]}
    imports_make(
        chain_dir=chain_dir, anchor=date.fromisoformat(planted["anchor"]), store_code=showcase["store_code"], known=known, by=by,
        now=now,
    )  # fmt: skip


def _users(store_code: str, now: datetime) -> None:
    """Make the log-ins that are missing."""
    known = usernames_known([one.username for one in LOG_INS])
    store_id = store_ids_ensure([store_code], now=now)[store_code]
    for one in LOG_INS:
        if one.username not in known:
            user_save(
                username=one.username,
                password=PASSWORD,
                role_code=one.role_code,
                display_name=one.display_name,
                store_ids=[store_id] if one.role_code in STORE_ROLES else [],
                now=now,
            )
