"""The cockpit: parts that add up to the change, changes told the right way round, and nobody sees another store's money."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st
from tests.warehouse.chain import AS_OF, Document, Line, days_before
from tests.warehouse.chain import Chain as Store
from tests.web.conftest import NOW, Chain

from huitou.apps.customers.models import Person
from huitou.apps.products.models import Store as StoreRow
from huitou.apps.quality.models import Goal
from huitou.apps.quality.queries import MetricValue, TrendPoint
from huitou.apps.value import queries
from huitou.apps.value.models import PersonValue, TierChange, TierSum, ValueRun
from huitou.apps.value.schemes import schemes_in_force, shipped_ensure
from huitou.apps.value.services import moves_keep
from huitou.core.filters.tree import Condition, Operator
from huitou.core.metrics.registry import metric
from huitou.core.metrics.shares import Share, share_interval
from huitou.core.periods import Period, day_start
from huitou.warehouse.layout import Layout
from huitou.warehouse.queries.store_spend import StoreSpend
from huitou.warehouse.queries.totals import Totals
from huitou.web.charts import Chart as Drawn
from huitou.web.figures import Figure, aim, change, figure, share_figure
from huitou.web.pages import cockpit
from huitou.web.pages.cockpit_charts import causes, revenue_waterfall
from huitou.web.pages.cockpit_heat import bounds_of, heat_chart, heat_ranks, short_names
from huitou.web.pages.cockpit_stores import store_lines
from huitou.web.pages.cockpit_tiers import Level, Pyramid
from huitou.web.pages.data import trend_chart
from huitou.web.templatetags.huitou import spark

BACKEND = "django.contrib.auth.backends.ModelBackend"


def sums(net_fen: int, orders: int, identified_fen: int = 0, identified: int = 0) -> Totals:
    return Totals(net_fen, 0, net_fen, 0, 0, orders, identified_fen, identified)


@st.composite
def windows(draw: st.DrawFn) -> Totals:
    anonymous, identified = (draw(st.integers(0, 10**12)) for _ in range(2))
    orders, theirs = (draw(st.integers(0, 10**7)) for _ in range(2))
    return sums(anonymous + identified, orders + theirs, identified, theirs)


@given(windows(), windows())
def test_the_causes_add_up_to_the_change_and_can_be_drawn(now: Totals, before: Totals):
    found = causes("cause", now, before, lambda _level: ({}, {}), {})
    assert before.net_fen + sum(one.effect_fen for one in found) == now.net_fen
    chart = revenue_waterfall(before, now, found, as_of=AS_OF)
    lowest = min(before.net_fen, now.net_fen)
    assert 0 <= chart.data["floor"] <= max(lowest, 0)


def test_regions_that_came_or_went_are_causes_too():
    now, before = {"A": sums(500, 5), None: sums(7, 1)}, {"A": sums(300, 5), "B": sums(100, 1)}
    found = causes("region", sums(507, 6), sums(400, 6), lambda _level: (now, before), {"A": "甲", "B": "乙"})
    assert [(one.name, one.effect_fen) for one in found] == [("乙", -100), ("没有区域", 7), ("甲", 200)]


@pytest.mark.parametrize(
    ("key", "value", "before", "text", "kind"),
    [
        ("net_revenue", 1_100, 1_000, "+10.0\u00a0%", "good"),
        ("orders", 990, 1_000, "−1.0\u00a0%", "bad"),
        ("return_share", 0.05, 0.03, "+2.0 个百分点", "bad"),
        ("return_share", 0.0301, 0.03, "0.0 个百分点", ""),
        ("stage_persons", 5, 4, "+25.0\u00a0%", ""),
    ],
)
def test_a_change_says_whether_it_is_good(key: str, value: float, before: float, text: str, kind: str):
    told = change(metric(key), value, before)
    assert told is not None
    assert (told.text, told.kind) == (text, kind)


def test_without_both_values_no_change_is_told():
    assert change(metric("orders"), 5, None) is None
    assert change(metric("orders"), 5, 0) is None
    assert aim(metric("completeness_share"), None, 0.92) is None


def test_a_share_keeps_its_parts_and_money_is_written_as_money():
    assert share_figure("return_share", Share(2_500_000, 50_000_000)).parts == "¥2.50\u00a0万 ÷ ¥50.0\u00a0万"
    assert share_figure("dormant_share", Share(0, 0)).text == "—"
    reached = aim(metric("duplicate_rate_after"), 0.04, 0.05)
    assert reached is not None
    assert reached.is_met


@pytest.mark.parametrize(
    ("one", "number", "unit", "divided", "better"),
    [
        (share_figure("return_share", Share(5_000, 100_000)), "5.0", "%", "¥50.00 ÷ ¥1,000 销售金额", "越低越好"),
        (figure("net_revenue", 48_010_000), "¥48.0", "万", "", "越高越好"),
        (figure("orders", None), "—", "", "", "越高越好"),
    ],
)
def test_a_tile_says_what_was_divided_over_what_time_and_which_way_is_better(one, number, unit, divided, better):
    assert (one.number, one.unit, one.divided) == (number, unit, divided)
    assert one.window.endswith(better)
    assert one.target is None


def test_a_target_stands_on_the_tile_and_on_its_line():
    completeness = metric("completeness_share")
    one = Figure(completeness, 0.772, aim=aim(completeness, 0.772, 0.92), trend=[0.7, 0.772])
    assert (one.target, one.aim.is_met) == (0.92, False)
    assert "data-target" in spark(one.trend, "走势", one.target)


def test_the_shades_are_the_sixths_of_the_values_and_rise_even_where_they_are_equal():
    assert bounds_of(list(range(1, 61))) == [11, 21, 31, 41, 51]
    assert bounds_of([1_234, 1_250, 2_871, 3_333, 4_044, 5_678, 9_999]) == [1_200, 2_900, 3_300, 4_000, 5_700]
    assert bounds_of([118] * 9) == [120, 130, 140, 150, 160]
    assert bounds_of([0, 0]) == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="no value"):
        bounds_of([])


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["悦生活望江门店", "悦生活东苑店"], ["望江门", "东苑"]),
        (["悦生活店", "悦生活东苑店"], ["悦生活店", "悦生活东苑店"]),
        (["Lake View", "Lake Hill"], ["View", "Hill"]),
        ([], []),
    ],
)
def test_tiles_leave_out_what_all_names_share(names: list[str], short: list[str]):
    assert short_names(names) == short


def heat_of(count: int, per_region: int, *, per_head: bool = True) -> Drawn | None:
    regions = [divmod(number, per_region)[0] for number in range(count)]
    stores = [
        StoreRow(pk=number + 1, code=f"S{number}", name=f"第{number}号店", region_code=f"R{region:03}", region_name=f"区{region}")
        for number, region in enumerate(regions)
    ]
    spends = {store.pk: StoreSpend(4 * 10_000 * store.pk, 4) for store in stores}
    return heat_chart(stores, spends, Period.last_days(28, as_of=AS_OF), per_head=per_head, url=lambda store_id: f"/{store_id}")


def test_each_store_has_a_tile_beside_its_region_the_best_first():
    chart = heat_of(9, 7)
    assert chart is not None
    cells = [(cell["label"], cell["column"], cell["row"], cell["text"]) for cell in chart.data["cells"] if not cell["is_head"]]
    assert cells[:2] == [("6", 1, 0, "700"), ("5", 2, 0, "600")]
    assert cells[6:] == [("0", 1, 1, "100"), ("8", 1, 2, "900"), ("7", 2, 2, "800")]
    assert [(cell["label"].split()[0], cell["row"]) for cell in chart.data["cells"] if cell["is_head"]] == [
        ("区0", 0),
        ("区1", 2),
    ]
    assert len(chart.rows) == 9


def test_a_large_chain_is_drawn_by_region_and_one_store_not_at_all():
    chart = heat_of(61, 30)
    assert chart is not None
    assert [(cell["label"], cell["text"]) for cell in chart.data["cells"]] == [
        ("区2", "6,100"),
        ("区1", "4,550"),
        ("区0", "1,550"),
    ]
    assert heat_of(1, 1) is None


def test_the_sum_of_a_region_is_that_of_its_stores_and_not_of_their_means():
    chart = heat_of(61, 30, per_head=False)
    assert chart is not None
    assert [cell["text"] for cell in chart.data["cells"]] == ["¥54.6\u00a0万", "¥18.6\u00a0万", "¥2.44\u00a0万"]


def test_the_tiles_are_a_list_the_largest_first_where_a_map_has_no_room():
    chart = heat_of(9, 7)
    assert chart is not None
    ranks = heat_ranks(chart)
    assert [(one.label, one.text, one.share) for one in ranks[:2]] == [("8", "900", 1.0), ("7", "800", 800 / 900)]
    assert len(ranks) == 9


def test_stores_are_ranked_and_few_orders_are_not_judged():
    names = {1: "甲", 2: "乙", 3: "丙", 4: "丁"}
    now = {1: sums(600, 300), 2: sums(600, 300), 3: sums(10, 9), 4: sums(50, 999), 9: sums(9_999, 9)}
    before = {1: sums(1_000, 300), 2: sums(500, 300), 3: sums(90, 9)}
    lines = store_lines(now, before, names, {4: Share(1, 100)})
    assert [(line.store_id, line.state) for line in lines] == [(1, "falls"), (2, ""), (4, "low"), (3, "few")]


@pytest.fixture
def sold(layout: Layout, chain: Chain) -> Chain:
    store = Store(layout)
    store.land(
        [
            Document(number, days_before(day), (Line(1, fen),), record_id=101, store_id=store_id)
            for number, (day, store_id, fen) in enumerate(
                [
                    (2, chain.store_id, 123_400),
                    (30, chain.store_id, 100_000),
                    (60, chain.store_id, 1),
                    (3, chain.other_store_id, 567_800),
                ],
                start=1,
            )
        ]
    )
    store.publish(1, {101: chain.person_id})
    return chain


@pytest.mark.django_db
@pytest.mark.accept("S222")
def test_each_role_sees_its_own_stores(client: Client, sold: Chain):
    pages = {}
    for role in ("manager", "store_manager"):
        client.force_login(sold.users[role], backend=BACKEND)
        pages[role] = client.get(reverse("cockpit:cockpit")).content.decode()
    assert "¥6,912" in pages["manager"]  # both stores
    assert "北站店" in pages["manager"]
    assert "¥1,234" in pages["store_manager"]
    assert "+23.4" in pages["store_manager"]
    assert not any(secret in pages["store_manager"] for secret in ("¥6,912", "¥5,678", "北站店"))
    assert f"截至 {AS_OF.isoformat()}" in pages["store_manager"]
    assert (AS_OF - timedelta(days=27)).isoformat() in pages["manager"]


@pytest.fixture
def moved(sold: Chain) -> Chain:
    """By the store of 王小芳 two persons rose and one fell, by the other store one rose; three registered in the newest month."""
    shipped_ensure(now=NOW)
    pyramid = schemes_in_force()[0]
    made = {
        "version": 1, "base_number": 1, "window_days": 365, "started_at": NOW, "ended_at": NOW, "kind_code": "full",
        "rules": {"schemes": {one.code: [one.slot, one.number] for one in schemes_in_force()}},
    }  # fmt: skip
    before, now = (ValueRun.objects.create(as_of=day, **made) for day in (AS_OF.replace(day=1) - timedelta(days=1), AS_OF))
    steps = [(sold.store_id, "CORE", "DIAMOND")] * 2 + [(sold.store_id, "CORE", "BASIC"), (sold.other_store_id, "BASIC", "CORE")]
    for number, (store_id, was, tier) in enumerate(steps):
        registered = day_start(AS_OF.replace(day=1)) - timedelta(seconds=number // 3)
        person = Person.objects.create(
            home_store_id=store_id, is_member=True, registered_at=registered, created_at=NOW, updated_at=NOW
        )
        PersonValue.objects.create(person=person, run_id=now.pk, first_run_id=before.pk, tier_1=tier)
        TierChange.objects.create(
            person_id=person.pk, scheme_id=pyramid.scheme_id, from_code=was, to_code=tier, scheme_version=1, run=now,
            changed_on=AS_OF,
        )  # fmt: skip
        TierSum.objects.create(scheme_id=pyramid.scheme_id, store_id=store_id, tier_code=tier, persons=1, net_fen=1)
    return sold


@pytest.mark.django_db
def test_a_scheme_with_one_tier_alone_has_no_second_best(client: Client, moved: Chain, monkeypatch):
    tiers = queries.TierSums(schemes_in_force()[0].scheme.tiers[0], 4, 1.0, 100, 1.0)
    one = Pyramid((Level(tiers, "", 0, 1),), {}, None, 1, date(2026, 6, 30), moves=(), moved_since=None)
    monkeypatch.setattr(cockpit, "pyramid_of", lambda *_: one)
    client.force_login(moved.users["manager"], backend=BACKEND)
    assert client.get(reverse("cockpit:cockpit")).status_code == 200
    assert one.two_best is None


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "wanted"), [("manager", [3, 1, 3]), ("store_manager", [2, 1, 3])])
def test_who_moved_and_who_came_stand_below_the_tiers_and_each_number_opens_its_list(
    client: Client, moved: Chain, role: str, wanted: list[int]
):
    client.force_login(moved.users[role], backend=BACKEND)
    before = client.get(reverse("cockpit:cockpit"))
    assert (before.context["pyramid"].moves, "下个月起显示" in before.content.decode()) == ((), True)
    moves_keep()
    page = client.get(reverse("cockpit:cockpit"))
    figures = [*page.context["pyramid"].moves, page.context["new_members"]]
    assert [one.metric.key for one in figures] == ["tier_moved_up", "tier_moved_down", "new_members"]
    assert [one.value for one in figures] == wanted
    said = page.content.decode()
    for one in figures:
        assert f'href="{escape(one.url)}"><b>{one.value} 人</b>' in said
        assert client.get(one.url).context["count"].value == one.value, one.url
    assert f"上移和下移与 {AS_OF.replace(day=1) - timedelta(days=1)} 的等级比" in said
    assert f"{reverse('value:value')}?scheme=pyramid#moves" in said


@pytest.mark.django_db
@pytest.mark.parametrize("cut", ["cause", "channel"])
def test_each_part_of_the_change_opens_its_orders(client: Client, sold: Chain, cut: str):
    client.force_login(sold.users["manager"], backend=BACKEND)
    shown = client.get(reverse("cockpit:cockpit"), {"cut": cut}).context
    orders, opened = shown["sales"].now.orders, 0
    for one, url in shown["changes"]:
        if one.name.endswith("单数"):
            assert client.get(url).context["count"].value == int(one.basis.rpartition(" ")[2]), one.name
        opened += client.get(url).context["count"].value
    assert opened == orders * (2 if cut == "cause" else 1)  # of orders and of their ticket
    nowhere = client.get(reverse("cockpit:cockpit"), {"cut": "region"}).context["changes"]
    assert {(one.name, url) for one, url in nowhere} == {("没有区域", "")}  # regions that no store of the viewer is of
    regions = causes("region", sums(1, 1), sums(2, 1), lambda _level: ({"A": sums(1, 1)}, {"A": sums(2, 1)}), {"A": "甲"})
    assert [one.asked for one in regions] == [(Condition("region", Operator.EQ, "A"),)]


@pytest.mark.django_db
def test_the_matrix_of_moves_tells_each_pair_with_its_list_and_a_store_its_own(client: Client, moved: Chain):
    client.force_login(moved.users["manager"], backend=BACKEND)
    assert "迁移矩阵" not in client.get(reverse("value:value")).content.decode()  # nothing to compare with yet
    stays = Person.objects.create(home_store_id=moved.other_store_id, created_at=NOW, updated_at=NOW)
    PersonValue.objects.create(person=stays, run_id=ValueRun.objects.latest("pk").pk, tier_1="BASIC")
    moves_keep()
    wanted = {("CORE", "DIAMOND"): ("up", 2), ("CORE", "BASIC"): ("down", 1), ("BASIC", "CORE"): ("up", 1)}
    for role, own in (("manager", wanted), ("store_manager", {pair: wanted[pair] for pair in list(wanted)[:2]})):
        client.force_login(moved.users[role], backend=BACKEND)
        page = client.get(reverse("value:value"))
        cells = {(row.tier.code, cell.tier.code): cell for row in page.context["move_rows"] for cell in row.cells}
        assert {pair: (cell.way, cell.persons) for pair, cell in cells.items() if cell.way and cell.persons} == own
        stayed = {pair: cell.persons for pair, cell in cells.items() if not cell.way}
        assert stayed == {(code, code): int(code == "BASIC" and role == "manager") for code, _ in stayed}
        assert f"对角线不变 {int(role == 'manager')}" in page.content.decode()
        arrived = [row.arrived for row in page.context["move_rows"]]
        assert sum(arrived) == sum(row.persons for row in page.context["move_rows"]) == page.context["moves"].persons
        assert f'<td class="ht-num"><b>{sum(arrived)}</b></td>' in page.content.decode()
        for cell in cells.values():
            assert bool(cell.url) == bool(cell.way and cell.persons)
            assert not cell.url or client.get(cell.url).context["count"].value == cell.persons


@pytest.mark.django_db
def test_the_lists_behind_the_tiers_ask_for_the_region_of_the_page(client: Client, moved: Chain):
    StoreRow.objects.filter(pk=moved.other_store_id).update(region_code="R2", region_name="江北")
    moves_keep()
    client.force_login(moved.users["manager"], backend=BACKEND)
    shown = client.get(reverse("cockpit:cockpit"), {"region": "R2"}).context
    figures = [*shown["pyramid"].moves, shown["new_members"]]
    assert [one.value for one in figures] == [1, 0, 0]
    assert all("region.eq.R2" in one.url for one in [*figures, *shown["pyramid"].levels])
    assert client.get(figures[0].url).context["count"].value == 1


@pytest.mark.django_db
def test_an_address_asks_for_windows_and_regions_and_survives_nonsense(client: Client, sold: Chain):
    client.force_login(sold.users["manager"], backend=BACKEND)
    assert "近 13 周" in client.get(reverse("cockpit:cockpit"), {"days": "91", "cut": "channel"}).content.decode()
    nonsense = client.get(reverse("cockpit:cockpit"), {"days": "1e9", "region": "<b>", "cut": "x"})
    assert nonsense.status_code == 200
    assert "<b>&" not in nonsense.content.decode()


@pytest.mark.django_db
def test_the_tiles_of_a_store_say_what_stands_beside_them_once(client: Client, sold: Chain):
    """What is no division has no divisor after it; what is one says its unit once."""
    client.force_login(sold.users["manager"], backend=BACKEND)
    figures = client.get(reverse("stores:store", args=[sold.store_id])).context["figures"]
    told = {one.metric.key: (one.divided, one.beside) for one in figures}
    assert told["net_revenue"] == ("", "上期 ¥1,000")
    assert told["orders"] == ("", "上期 1")
    assert told["average_ticket"] == ("¥1,234 ÷ 1 订单数", "")
    assert told["persons"] == ("", "其中买过的 1")


@pytest.mark.django_db
def test_a_month_is_shown_whole_and_only_the_months_that_the_data_cover_are_on_offer(client: Client, sold: Chain):
    client.force_login(sold.users["manager"], backend=BACKEND)
    address = reverse("cockpit:cockpit")
    shown = client.get(address, {"month": "2026-06", "spend": "total"})
    sales, choice = shown.context["sales"], shown.context["month_choice"]
    assert (sales.now.net_fen, sales.before.net_fen, sales.against) == (123_400 + 567_800, 100_000 + 1, "month")
    months = [one for one, _url in choice.months]
    assert months == [date(2026, 6, 1), date(2026, 5, 1)]  # the first sale is on the first of May
    assert ("month=2026-05" in choice.earlier_url, choice.later_url) == (True, "")
    assert "销售的数字是 2026-06 整月的" in shown.content.decode()
    assert shown.context["heat_metric"].key == "store_spend"
    for nonsense in ("1999-01", "2026-07", "2026-13", "<b>", "9999-99"):
        page = client.get(address, {"month": nonsense, "heat": nonsense})
        assert page.status_code == 200
        assert (page.context["asked"].month, page.context["asked"].heat_month) == (None, None)


@pytest.mark.django_db
def test_the_heat_has_a_month_of_its_own_and_the_page_stays_at_its_window(client: Client, sold: Chain):
    client.force_login(sold.users["manager"], backend=BACKEND)
    address = reverse("cockpit:cockpit")
    plain, shown = client.get(address), client.get(address, {"heat": "2026-06"})
    assert [stop.text for stop in shown.context["heat_stops"]] == ["2026-05", "2026-06", "近 4 周"]
    assert (plain.context["heat_at"], shown.context["heat_at"], shown.context["heat_place"]) == ("近 4 周", "2026-06", 1)
    assert shown.context["sales"].period == plain.context["sales"].period
    assert "heat=" not in shown.context["month_choice"].earlier_url  # another month of the page takes the heat with it
    assert "有客户消费的门店不到两家" in shown.content.decode()  # the only customer is of one store
    assert shown.context["heat_stops"][-1].url in shown.content.decode().replace("&amp;", "&")
    of_month = client.get(address, {"month": "2026-06"})
    assert [stop.text for stop in of_month.context["heat_stops"]] == ["2026-05", "2026-06"]
    assert of_month.context["heat_at"] == "2026-06"


@pytest.mark.django_db
def test_before_the_first_build_it_says_so_and_a_guide_may_not_open_it(client: Client, chain: Chain):
    client.force_login(chain.users["manager"], backend=BACKEND)
    assert "还没有构建" in client.get(reverse("cockpit:cockpit")).content.decode()
    client.force_login(chain.users["guide"], backend=BACKEND)
    assert client.get(reverse("cockpit:cockpit")).status_code == 403


@pytest.mark.django_db
def test_a_store_page_shows_the_store_and_only_to_those_who_reach_it(client: Client, sold: Chain):
    address = reverse("stores:store", args=[sold.store_id])
    client.force_login(sold.users["store_manager"], backend=BACKEND)
    page = client.get(address).content.decode()
    assert "¥1,234" in page
    assert "梧桐路店" in page
    assert f"home_store.eq.{sold.store_id}" in page
    assert client.get(reverse("stores:store", args=[sold.other_store_id])).status_code == 404
    client.force_login(sold.users["guide"], backend=BACKEND)
    assert client.get(address).status_code == 403


@pytest.mark.parametrize(
    ("counts", "bounds"), [((0, 10), (0.0, 0.278)), ((10, 10), (0.722, 1.0)), ((200, 1_000), (0.176, 0.226))]
)
def test_the_interval_of_a_share_is_wilsons(counts: tuple[int, int], bounds: tuple[float, float]):
    assert share_interval(Share(*counts)) == pytest.approx(bounds, abs=0.0006)
    assert share_interval(Share(0, 0)) is None


def test_a_trend_is_drawn_from_the_second_day_with_its_target():
    points = (TrendPoint(AS_OF - timedelta(days=1), 0.65), TrendPoint(AS_OF, None))
    goal = Goal(metric_key="completeness_share", kind_code="target", share=0.92)
    value = MetricValue(metric("completeness_share"), None, None, None, goal, points)
    chart = trend_chart(value)
    assert chart is not None
    assert [one["values"] for one in chart.data["series"]] == [[0.65, None], [0.92, 0.92]]
    assert trend_chart(MetricValue(metric("completeness_share"), None, None, None, None, points[:1])) is None


def test_a_trend_of_many_days_has_every_day_between_and_gaps_where_nothing_was_recorded():
    ago = (25, 24, 23, 20, 19, 15, 11, 10, 9, 3, 2, 0)
    points = tuple(TrendPoint(AS_OF - timedelta(days=days), 0.5 + days / 100) for days in ago)
    chart = trend_chart(MetricValue(metric("completeness_share"), None, None, None, None, points))
    assert chart is not None
    (series,) = chart.data["series"]
    assert len(series["values"]) == len(chart.data["labels"]) == len(chart.rows) == 26
    told = {25 - at: value for at, value in enumerate(series["values"]) if value is not None}
    assert told == pytest.approx({days: 0.5 + days / 100 for days in ago})
    assert chart.rows[3][1] == "—"
    assert chart.frame.note == "每日快照，断开的日子没有记录"
    whole = trend_chart(MetricValue(metric("completeness_share"), None, None, None, None, points[:3]))
    assert whole is not None
    assert whole.frame.note == "每日快照"
