"""The value page reads the stored run: sums that add up, the reach of its reader, and a sentence before the first run."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import Chain as Store
from tests.warehouse.chain import Document, Line, days_before
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.queries import viewer_for
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import PersonContact
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import (
    PersonValue,
    SchemeVersion,
    TierSum,
    TopList,
    TopListMember,
    ValueRun,
)
from huitou.apps.value.queries import cross_tab, top_list_overlap
from huitou.apps.value.schemes import schemes_in_force
from huitou.apps.value.services import crosses_keep, overlaps_keep, template_take
from huitou.apps.value.services.top_list import top_list_freeze
from huitou.core.value.rfm import Cuts
from huitou.core.value.scheme import scheme_json
from huitou.core.value.scoring import Facts, RunCuts
from huitou.warehouse.layout import Layout
from huitou.web.formats import moment_text, percent_text
from huitou.web.pages.cockpit_tiers import pyramid_of
from huitou.web.pages.value import top_is_low


def page(client: Client, chain: Chain, role: str, address: str) -> str:
    client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(address).content.decode()


@pytest.mark.accept("S57")
def test_the_share_of_the_best_tier_is_shown_with_its_alarm_line(client: Client, valued: Chain):
    said = page(client, valued, "manager", reverse("value:value"))
    assert percent_text(0.9) in said
    limit = percent_text(0.3, decimals=0)
    for diamond_fen, is_low in ((90_000, False), (30_000, False), (29_999, True)):
        TierSum.objects.filter(tier_code="DIAMOND").update(net_fen=diamond_fen)
        TierSum.objects.filter(tier_code="BASIC").update(net_fen=100_000 - diamond_fen)
        said = page(client, valued, "manager", reverse("value:value"))
        assert (f">低于 {limit}<" in said, f"不低于 {limit}" in said) == (is_low, not is_low), diamond_fen
        assert top_is_low(diamond_fen / 100_000) == is_low  # the designer's trial asks the same
        pyramid = pyramid_of(viewer_for(valued.users["manager"]))  # and so does the cockpit
        assert pyramid is not None
        assert pyramid.best_brings_enough != is_low
    assert not top_is_low(None)


def test_a_store_manager_sees_the_store_and_a_stranger_nobody(client: Client, valued: Chain):
    own = page(client, valued, "store_manager", reverse("value:value"))
    assert "¥900" in own
    assert "¥1,000" not in own
    valued.users["store_manager"].store_ids = []
    valued.users["store_manager"].save()
    assert "¥900" not in page(client, valued, "store_manager", reverse("value:value"))


@pytest.mark.accept("S62")
def test_what_the_tiers_are_made_of_is_shown_to_who_sees_the_whole_chain(client: Client, valued: Chain):
    versions = {one.code: [one.slot, one.number] for one in schemes_in_force()}
    means = {"pyramid": {"DIAMOND": {"clv_12m_fen": 123_400.0}, "BASIC": {}}}
    ValueRun.objects.update(means=means, rules={"schemes": versions})
    said = page(client, valued, "manager", reverse("value:value"))
    assert "各等级的依据" in said
    assert "¥1,234" in said
    assert "各等级的依据" not in page(client, valued, "store_manager", reverse("value:value"))
    ValueRun.objects.update(rules={"schemes": {"pyramid": [1, 99]}})
    assert "各等级的依据" not in page(client, valued, "manager", reverse("value:value"))


@pytest.mark.accept("S44")
def test_the_person_page_says_which_channel_is_preferred_and_by_what(client: Client, valued: Chain, layout: Layout):
    store = Store(layout)
    store.land([Document(1, days_before(5), (Line(1, 100),), record_id=101)])
    store.publish(1, {101: valued.person_id})
    address = reverse("customers:person", args=[valued.person_id])
    assert "还没有够多的触达记录" in page(client, valued, "manager", address)

    ValueRun.objects.update(cuts={"as_of": "2026-11-01", "rfm": None, "edges": {}, "month": "2026-11", "hour_weights": [],
                                  "answered": [[[0, 0]] * 4, [[100, 20], [0, 0], [100, 25], [0, 0]], [[0, 0]] * 4]})  # fmt: skip
    PersonValue.objects.update(preferred_channel="wecom", stage="active")
    said = page(client, valued, "manager", address)
    assert "本人没有触达满 3 次的渠道，取「活跃」客户回应最多的企微。" in said
    assert "偏好渠道 企微" in said

    for channel, touches, answers in (("sms", 5, 3), ("wecom", 2, 2)):
        PersonContact.objects.create(person_id=valued.person_id, channel_code=channel, touches=touches, answers=answers)
    PersonValue.objects.update(preferred_channel="sms")
    said = page(client, valued, "manager", address)
    assert "偏好短信：触达满 3 次的渠道里，平滑后的回应率最高。" in said
    assert percent_text(0.4, decimals=0) in said  # (3 + 5 x 20 / 100) / (5 + 5)
    assert "触达不足 3 次" in said


@pytest.mark.accept("S51")
def test_each_field_of_the_grid_opens_exactly_its_customers(client: Client, valued: Chain):
    said = page(client, valued, "manager", reverse("value:value") + "?scheme=six_classes")
    for name in ("高价值活跃", "潜力新客", "高价值流失预警", "稳定普通", "低频低值", "沉睡挽回"):
        assert name in said
    address = f"{reverse('customers:list')}?f=tier_six_classes.eq.HIGH_ACTIVE"
    assert address in said
    cell = said[said.index(address) : said.index("</td>", said.index(address))]
    assert ("高价值活跃" in cell, "<b>1</b>" in cell, f"{percent_text(0.5)} · ¥900" in cell) == (True, True, True)
    assert f"{percent_text(0.5)} · ¥100" in said
    found = page(client, valued, "manager", address)
    assert "王小芳"[0] in found
    assert reverse("customers:person", args=[valued.person_id]) in found
    assert reverse("customers:person", args=[valued.outsider_id]) not in found


@pytest.mark.accept("S68")
def test_value_lifecycle_and_growth_each_have_a_scheme_and_any_two_are_crossed(client: Client, valued: Chain):
    template_take(code="growth", author_id=1, now=NOW)
    codes = [one.code for one in schemes_in_force()]
    assert {"pyramid", "lifecycle", "growth"} <= set(codes)
    column = next(one.column for one in schemes_in_force() if one.code == "growth")
    PersonValue.objects.filter(pk=valued.person_id).update(**{column: "RISING"})
    assert "还没有数过" in page(client, valued, "manager", reverse("value:cross") + "?rows=pyramid&columns=growth")
    crossed()
    for rows in codes:
        assert "tier_growth.missing" in page(client, valued, "manager", f"{reverse('value:cross')}?rows={rows}&columns=growth")
    said = page(client, valued, "manager", reverse("value:cross") + "?rows=pyramid&columns=growth")
    assert "tier_pyramid.eq.DIAMOND%2Ctier_growth.eq.RISING" in said


def crossed() -> int | None:
    """Count after a run by the schemes in force."""
    ValueRun.objects.update(rules={"schemes": {one.code: [one.slot, one.number] for one in schemes_in_force()}})
    return crosses_keep(now=NOW)


def counted_now(viewer, down, across):
    """What a request would count of everybody in reach."""
    rows = PersonValue.objects.filter(person__in=persons_in_reach(viewer)).values(down.column, across.column)
    return Counter((row[down.column] or "", row[across.column] or "") for row in rows)


@pytest.mark.db_both
def test_what_the_job_counted_of_two_schemes_is_what_a_request_would_count(valued: Chain):
    assert crossed() == len(schemes_in_force()) * (len(schemes_in_force()) + 1) / 2
    stranger = Viewer(0, "store_manager", frozenset())
    for viewer in (*(viewer_for(valued.users[role]) for role in ("manager", "store_manager")), stranger):
        for down in schemes_in_force():
            for across in schemes_in_force():
                found = cross_tab(viewer, down, across)
                assert found.counts == counted_now(viewer, down, across), (viewer, down.code, across.code)
                assert (found.is_current, found.down, found.across) == (True, down.scheme, across.scheme)
    assert not found.counts  # the stranger's


@pytest.mark.db_both
def test_a_scheme_that_was_changed_since_shows_the_old_counts_with_their_time(client: Client, valued: Chain):
    crossed()
    down, across = schemes_in_force()[:2]
    before = cross_tab(viewer_for(valued.users["manager"]), down, across)
    table = scheme_json(down.scheme)
    for tier, share in zip(table["tiers"], (0.1, 0.2, 0.3, 0.4), strict=True):
        tier["share"], tier["code"] = share, f"NEW_{tier['code']}"
    SchemeVersion.objects.filter(scheme_id=down.scheme_id).update(state="retired", retired_at=NOW)
    made = {"state": "published", "published_at": NOW, "created_at": NOW, "changed_at": NOW}
    SchemeVersion.objects.create(scheme_id=down.scheme_id, number=2, table=table, **made)
    crosses_keep(now=NOW)  # nobody was placed by the new version yet
    found = cross_tab(viewer_for(valued.users["manager"]), schemes_in_force()[0], across)
    assert (found.counts, found.down, found.is_current) == (before.counts, down.scheme, False)
    said = page(client, valued, "manager", reverse("value:cross"))
    assert f"方案改过，下面是 {moment_text(NOW)} 按旧的一版数的" in said
    assert "tier_pyramid.eq.DIAMOND" not in said  # no list has them any more


@pytest.mark.accept("S68")
def test_two_schemes_are_crossed_in_reach(client: Client, valued: Chain):
    address = reverse("value:cross") + "?rows=pyramid&columns=six_classes"
    crossed()
    assert "tier_pyramid.eq.BASIC%2Ctier_six_classes.eq.WIN_BACK" in page(client, valued, "manager", address)
    own = page(client, valued, "store_manager", address)
    assert "tier_pyramid.eq.DIAMOND%2Ctier_six_classes.eq.HIGH_ACTIVE" in own
    assert "tier_pyramid.eq.BASIC%2Ctier_six_classes.eq.WIN_BACK" not in own


def test_the_list_by_rfm_and_the_best_by_value_are_two_lists_whose_overlap_is_shown(client: Client, valued: Chain):
    """R12: two on the list by RFM, one of them a diamond; who sees one store counts its persons alone."""
    address = reverse("value:cross")
    assert "RFM 名单与价值金字塔" not in page(client, valued, "manager", address)
    run = ValueRun.objects.get()
    listed = TopList.objects.create(month="2026-11", share=0.2, buyers=5, members=2, run_id=run.pk, frozen_at=NOW)
    for rank, person_id in enumerate((valued.person_id, valued.outsider_id), start=1):
        TopListMember.objects.create(top_list=listed, rank=rank, person_id=person_id, rfm_total=12, net_365d_fen=1)
    assert "RFM 名单与价值金字塔" not in page(client, valued, "manager", address)  # not counted yet
    assert overlaps_keep() == 2
    pyramid = schemes_in_force()[0]
    assert (
        top_list_overlap(viewer_for(valued.users["manager"]), replace(pyramid, scheme=replace(pyramid.scheme, code="no"))) is None
    )
    stranger = top_list_overlap(Viewer(0, "store_manager", frozenset()), pyramid)
    assert (stranger.listed, stranger.best, stranger.both) == (0, 0, 0)
    for role, counts in (("manager", (2, 1, 1)), ("store_manager", (1, 1, 1))):
        found = top_list_overlap(viewer_for(valued.users[role]), pyramid)
        assert (found.listed, found.best, found.both) == counts, role
    said = page(client, valued, "manager", address)
    assert "2026-11 的 RFM 名单" in said
    assert "方案改过" not in said
    both = "top_list.eq.2026-11%2Ctier_pyramid.in.DIAMOND~CORE"
    assert both in said
    found = page(client, valued, "manager", f"{reverse('customers:list')}?f={both}")
    assert reverse("customers:person", args=[valued.person_id]) in found
    assert reverse("customers:person", args=[valued.outsider_id]) not in found


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "还没有可以排名的客户"), ("en", "Nobody to rank yet")])
def test_before_the_first_run_the_page_says_so(client: Client, chain: Chain, language: str, said: str):
    type(chain.users["manager"]).objects.update(language=language)
    assert said in page(client, chain, "manager", reverse("value:value"))


def test_a_guide_may_not_open_the_page(client: Client, chain: Chain):
    client.force_login(chain.users["guide"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("value:value")).status_code == 403


@pytest.mark.accept("S49")
def test_exactly_200_of_1000_are_frozen_for_the_month_and_open_as_a_list(client: Client, valued: Chain):
    ids = np.arange(valued.person_id, valued.person_id + 1_000)
    same = np.ones(1_000)
    spent = np.where(np.arange(1_000) >= 990, 101, 100) * same
    columns = {"orders_365d": same, "net_365d_fen": spent, "last_day": 20_000 * same}
    run = ValueRun.objects.get()
    facts, cuts = Facts(ids, columns), RunCuts(NOW.date(), Cuts((365,) * 4, (1,) * 4, (1,) * 4), {}, "2026-11")
    frozen = top_list_freeze(run_id=run.pk, month="2026-11", facts=facts, cuts=cuts, now=NOW)
    assert (frozen.members, frozen.buyers) == (200, 1_000)
    chosen = list(frozen.rows.order_by("rank").values_list("person_id", flat=True))
    assert chosen == [*ids[990:].tolist(), *ids[:190].tolist()]  # equal totals: more net revenue first, then the lower id
    assert top_list_freeze(run_id=run.pk, month="2026-11", facts=facts, cuts=cuts, now=NOW) is None  # frozen is frozen
    later = replace(cuts, month="2026-12")
    richer = Facts(ids, {**columns, "net_365d_fen": spent[::-1]})
    december = top_list_freeze(run_id=run.pk, month="2026-12", facts=richer, cuts=later, now=NOW)
    assert set(december.rows.values_list("person_id", flat=True)) == set(ids[:200].tolist())
    assert list(frozen.rows.order_by("rank").values_list("person_id", flat=True)) == chosen  # November stays as it was
    december.delete()
    address = f"{reverse('customers:list')}?f=top_list.eq.2026-11"
    assert address in page(client, valued, "manager", reverse("value:value"))
    assert reverse("customers:person", args=[valued.person_id]) in page(client, valued, "manager", address)
