"""The pages of builds: every stored code in words, what a version is made of, and a failed build said at once."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import autodiscover_modules
from tests.web.conftest import NOW, Chain

from huitou.apps.base.jobs import registry
from huitou.apps.builds.models import Build, BuildKind, BuildState, Comparison, PublishState
from huitou.warehouse.base import build as base
from huitou.warehouse.checks import BASE_CHECKS, TAIL_CHECKS
from huitou.warehouse.tables import COLUMNS
from huitou.warehouse.tail import STEPS as TAIL_STEPS
from huitou.web import words_build

AS_OF = date(2026, 11, 21)


def test_every_code_of_a_build_has_a_word():
    autodiscover_modules("jobs")
    for codes, table in (
        ({check.name for check in (*BASE_CHECKS, *TAIL_CHECKS)}, words_build.CHECKS),
        ({check.unit for check in (*BASE_CHECKS, *TAIL_CHECKS)}, words_build.CHECK_UNITS),
        ({*base.STEPS, *TAIL_STEPS}, words_build.BUILD_STEPS),
        (set(COLUMNS), words_build.BUILD_TABLES),
        ({kind.name for kind in registry._kinds.values() if kind.run.__module__.startswith("huitou.")}, words_build.JOBS),
    ):
        assert not codes - set(table)


@pytest.fixture
def engineer(client: Client, chain: Chain) -> Client:
    client.force_login(chain.users["engineer"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def _build(number: int, kind: BuildKind, base_number: int, **values: object) -> Build:
    stored = {"seconds": {"lines": 2.0 * number, "checks": 1.0}, "rows": {"lines": 1_000 // number, "facts": 3}}
    return Build.objects.create(
        number=number,
        kind_code=kind,
        base_number=base_number,
        as_of=AS_OF,
        code_version="0.1.0",
        **{"state": BuildState.PUBLISHED, "started_at": NOW + timedelta(minutes=number), **stored, **values},
    )


def test_the_version_is_the_sum_of_base_and_tail(engineer: Client):
    _build(1, BuildKind.BASE, 1)
    check = {"name": TAIL_CHECKS[2].name, "unit": "fen", "blocking": True, "difference": 0}
    _build(2, BuildKind.TAIL, 1, checks=[check])
    PublishState.objects.create(
        published_version=2, published_base=1, published_tail=2, as_of=AS_OF, published_at=NOW, way_code="changes"
    )
    tables = [{"name": "facts", "fold_rows": 3, "rebuild_rows": 3, "equal": True}]
    Comparison.objects.create(base_number=1, fold_number=2, as_of=AS_OF, compared_at=NOW, is_equal=True, tables=tables)
    page = engineer.get(reverse("builds:builds"))
    assert (page.context["made"].base_lines, page.context["made"].tail_lines) == (1_000, 500)
    text = page.content.decode()
    assert "1,500 = 1,000 + 500" in text
    assert "逐行相等" in text
    assert [line.share for line in page.context["lines"]] == [1.0, 3 / 5]
    one = engineer.get(reverse("builds:build", args=[2])).content.decode()
    assert "落地金额 = 订单" in one
    assert TAIL_CHECKS[2].name not in one


def test_a_failed_build_is_said_above_and_shows_no_version(engineer: Client):
    _build(1, BuildKind.BASE, 1, state=BuildState.FAILED, error="disk full", seconds={}, rows={})
    page = engineer.get(reverse("builds:builds"))
    assert "disk full" in page.content.decode()
    assert page.context["base_pace"].last is None
    assert "没有走完一步。" in engineer.get(reverse("builds:build", args=[1])).content.decode()


@pytest.mark.parametrize(
    ("case", "kind", "starts", "ends", "state", "said"),
    [
        ("at its time and done", BuildKind.BASE, "03:10", "03:40", BuildState.PUBLISHED, "按时"),
        ("made up within the hours allowed", BuildKind.BASE, "08:00", "08:30", BuildState.BUILT, "按时"),
        ("too long", BuildKind.BASE, "03:10", "09:11", BuildState.PUBLISHED, "晚于计划"),
        ("asked for by somebody in the evening", BuildKind.BASE, "20:35", "20:40", BuildState.PUBLISHED, ""),
        ("still at work", BuildKind.BASE, "03:10", "", BuildState.RUNNING, "晚于计划"),
        ("failed", BuildKind.BASE, "03:10", "10:00", BuildState.FAILED, ""),
        ("a tail has no time", BuildKind.TAIL, "03:10", "03:11", BuildState.PUBLISHED, ""),
    ],
)
def test_a_base_of_the_night_says_whether_it_was_done_in_time(engineer: Client, case, kind, starts, ends, state, said):
    day = "2026-11-20"
    moments = [datetime.fromisoformat(f"{day}T{time}+08:00") if time else None for time in (starts, ends)]
    _build(1, kind, 1, state=state, started_at=moments[0], ended_at=moments[1])
    for url in (reverse("builds:builds"), reverse("builds:build", args=[1])):
        text = engineer.get(url).content.decode()
        assert [word for word in ("按时", "晚于计划") if f">{word}<" in text] == ([said] if said else []), (case, url)
