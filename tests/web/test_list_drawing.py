"""How a cell of a list is drawn."""

import pytest
from django.utils.translation import override

from huitou.apps.benefits.fields import COUPON_ENTRIES
from huitou.apps.intake.fields import BATCH_ENTRIES
from huitou.apps.tasks.fields import ENTRIES as TASK_ENTRIES
from huitou.web.badges import STATES
from huitou.web.icons import ICONS
from huitou.web.lists.cells import Cell
from huitou.web.lists.drawing import drawn


@pytest.mark.parametrize(("cell", "html"), [
    (Cell("12", True, "订单"), '<td class="ht-num" data-label="订单"><bdi>12</bdi></td>'),
    (Cell("¥9", True, "净额", on_phone="figure"), '<td class="ht-num" data-figure><bdi>¥9</bdi></td>'),
    (Cell("上海", False, "门店", on_phone="off"), "<td data-off-phone><bdi>上海</bdi></td>"),
    (
        Cell("120 天前", True, "最近购买", is_late=True, title="2026-07-31"),
        '<td class="ht-num ht-caution-text" data-label="最近购买" title="2026-07-31"><bdi>120 天前</bdi></td>',
    ),
    (
        Cell("¥9", True, "预测", note="1–4 单"),
        '<td class="ht-num" data-label="预测"><strong><bdi>¥9</bdi></strong> <span class="ht-cell-note">1–4 单</span></td>',
    ),
    (
        Cell("单 7", False, "单号", href="/orders/7?a=1&b=2"),
        '<td data-label="单号"><a class="ht-name" href="/orders/7?a=1&amp;b=2"><bdi>单 7</bdi></a></td>',
    ),
])  # fmt: skip
def test_a_value_stands_in_its_cell_with_what_the_phone_needs(cell: Cell, html: str):
    assert drawn([cell]) == html


def test_nothing_that_a_value_holds_becomes_part_of_the_page():
    hostile = "<b>\"'&"
    html = drawn(
        [Cell(hostile, False, hostile, title=hostile, href=hostile, note=hostile), Cell(hostile, False, "", "many", rest=2)]
    )
    assert "<b>" not in html
    assert html.count("&lt;b&gt;&quot;&#x27;&amp;") == 6


def test_a_badge_is_drawn_in_the_language_of_the_page_and_has_no_label_on_the_phone():
    cells = [
        Cell("新客", False, "阶段", "stage", "new"),
        Cell("钻石", False, "等级", "tier", "DIAMOND"),
        Cell("甲", False, "标签", "many", rest=3),
    ]
    with override("zh-hans"):
        chinese = drawn(cells)
    with override("en"):
        english = drawn(cells)
    assert "新客" in chinese
    assert "New" in english
    assert "新客" not in english
    assert 'data-kind="diamond"' in chinese
    assert "钻石" in chinese
    assert "+3" in chinese
    assert "data-label" not in chinese


def test_every_state_of_a_list_has_a_shape_beside_its_word():
    entries = (*COUPON_ENTRIES, *TASK_ENTRIES, *BATCH_ENTRIES)
    states = [choice for one in entries if one.field.name == "state" for choice in one.field.choices]
    assert {choice.code for choice in states} == STATES.keys()
    assert all(icon in ICONS for _kind, icon in STATES.values())
    shown = drawn([Cell("Used", False, "State", "state", "redeemed"), Cell("Brand new", False, "State", "state", "brand_new")])
    assert 'data-kind="good"' in shown
    assert "<svg" in shown.partition("</td>")[0]
    assert "Brand new" in shown
