"""The parts of the screens: looks of tiers and clocks, charts as data, toasts."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from tests.web.conftest import Chain

from huitou.web import charts
from huitou.web.badges import clock_look, tier_look
from huitou.web.charts import Cell, Frame, Point, Series, Unit

FRAME = Frame("one", "标题", "人", Unit.COUNT)


@pytest.mark.parametrize(
    ("left", "is_paused", "kind", "text"),
    [
        (12_000, False, "", "剩 3 时 20 分"),
        (3_600, False, "caution", "剩 1 时 0 分"),
        (59, False, "caution", "剩 0 分"),
        (0, False, "bad", "超时 0 分"),
        (-720, False, "bad", "超时 12 分"),
        (200_000, False, "", "剩 2 天 7 时"),
        (-720, True, "good", "等客户"),
    ],
)
def test_a_clock_says_what_is_left_with_colour_icon_and_word(left: float, is_paused: bool, kind: str, text: str):
    look = clock_look(left, is_paused=is_paused)
    assert (look.kind, look.text) == (kind, text)
    assert look.icon


def test_an_unknown_tier_is_shown_as_it_is_stored():
    assert tier_look("diamond").kind == "diamond"
    assert (tier_look("GOLD").kind, tier_look("GOLD").label) == ("basic", "GOLD")


def test_a_chart_and_its_table_say_the_same_and_a_missing_value_is_no_zero():
    chart = charts.bars(FRAME, [Point("一", 1_204), Point("二", None)])
    assert [item["value"] for item in chart.data["items"]] == [1_204, None]
    assert chart.rows == [("一", "1,204"), ("二", "—")]


def test_a_waterfall_whose_parts_do_not_add_up_is_refused():
    with pytest.raises(ValueError, match="lead to"):
        charts.waterfall(FRAME, start=Point("a", 42.0), changes=[Point("b", -1.0)], end=Point("c", 40.0))


def test_lines_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="labels"):
        charts.lines(FRAME, ["1", "2"], [Series("a", [1.0])])


def test_a_tile_on_a_bound_takes_the_darker_shade():
    chart = charts.tile_grid(
        FRAME, [Cell("a", 0, 0, 60), Cell("b", 1, 0, 59), Cell("c", 2, 0, None)], bounds=[60, 75, 90, 105, 120]
    )
    assert [cell["shade"] for cell in chart.data["cells"]] == [2, 1, None]


def test_a_funnel_says_shares_of_the_first_and_of_the_step_before():
    chart = charts.funnel(FRAME, [Point("a", 0), Point("b", 0)])
    assert chart.rows == [("a", "0", "—", "—"), ("b", "0", "—", "—")]
    chart = charts.funnel(FRAME, [Point("a", 200), Point("b", 100), Point("c", 50)])
    assert [row[2:] for row in chart.rows] == [
        ("100.0\u00a0%", "100.0\u00a0%"),
        ("50.0\u00a0%", "50.0\u00a0%"),
        ("25.0\u00a0%", "50.0\u00a0%"),
    ]


def test_the_component_page_shows_every_part_and_a_toast_offers_its_undo(client: Client, chain: Chain):
    client.force_login(chain.users["engineer"])
    page = client.get("/system/components").content.decode()
    assert page.count('data-chart="') == 8
    for kind in ("diamond", "core", "potential", "basic"):
        assert f'data-kind="{kind}"' in page
    answer = client.post("/system/components/toast", follow=True)
    assert 'action="/system/components/toast?undo=1"' in answer.content.decode()
    again = client.post("/system/components/toast?undo=1")
    assert [message.level_tag for message in get_messages(again.wsgi_request)] == ["warning"]
    client.force_login(chain.users["guide"])
    assert client.get("/system/components").status_code == 403
