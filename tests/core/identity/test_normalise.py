"""Normal forms, masks, names, completeness."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.core.identity import masks, names, normalise
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS, check_weights, completeness_share

VARIANTS = [
    "13912345678",
    "+86 139 1234 5678",
    "0086-139-1234-5678",
    "１３９１２３４５６７８",
    "(+86)13912345678",
    "8613912345678",
]


@pytest.mark.parametrize("text", VARIANTS)
def test_spellings_of_one_phone_are_equal(text):
    assert normalise.phone(text) == "13912345678"


@given(
    number=st.integers(0, 10**8 - 1),
    spaces=st.lists(st.integers(1, 10), max_size=3),
    wide=st.booleans(),
    prefix=st.sampled_from(["", "+86", "+86 ", "0086", "86"]),
)
def test_no_spelling_changes_a_phone(number, spaces, wide, prefix):
    digits = f"158{number:08d}"
    text = digits
    for at in spaces:
        text = text[:at] + " -"[at % 2] + text[at:]
    if wide:
        text = "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in text)
    assert normalise.phone(prefix + text) == normalise.phone(digits)


@pytest.mark.parametrize(
    "text", [None, "", "13800138000", "11111111111", "13900000000", "12345678901", "138****1234", "021-62345678", "400-820-8820"]
)  # fmt: skip
def test_what_is_nobodys_phone(text):
    assert normalise.phone(text) is None


@pytest.mark.parametrize(("text", "digits"), [
    ("021-62345678", "02162345678"), ("400-820-8820", "4008208820"), ("+86 10 62345678", "01062345678"),
    ("0571-8765432", "05718765432"), ("13912345678", None),
])  # fmt: skip
def test_landlines_are_recognised(text, digits):
    assert normalise.landline(text) == digits


@pytest.mark.parametrize(("function", "text", "expected"), [
    (normalise.card, "6601-2345 8842", "660123458842"),
    (normalise.card, "ｖ００１２３", "V00123"),
    (normalise.card, "0000000000", None),
    (normalise.card, "无", None),
    (normalise.email, " Zhang.Wei@QQ.com ", "zhang.wei@qq.com"),
    (normalise.email, "test@qq.com", None),
    (normalise.email, "zhang.wei", None),
    (normalise.openid, " oAbC_123-xyz ", "oAbC_123-xyz"),
    (normalise.gender, "女士", "F"),
    (normalise.gender, "1", "M"),
    (normalise.gender, "保密", None),
    (normalise.birthday, "1985年3月7日", "1985-03-07"),
    (normalise.birthday, "1985/3/7", "1985-03-07"),
    (normalise.birthday, "19850307", "1985-03-07"),
    (normalise.birthday, "1985-02-30", None),
    (normalise.birthday, "1900-01-01", None),
    (normalise.birthday, "03-07", None),
    (normalise.address, "上海市　徐汇区１号", "上海市 徐汇区1号"),
    (normalise.address, "无", None),
])  # fmt: skip
def test_normal_forms(function, text, expected):
    assert function(text) == expected


@pytest.mark.parametrize(("text", "core", "is_full"), [
    ("王先生", "王", False), ("VIP 王小芳(老客户)", "王小芳", True), ("王 小芳", "王小芳", True), ("欧阳娜娜", "欧阳娜娜", True),
    ("测试", None, False), ("王*芳", None, False), ("快乐的小鱼", "快乐的小鱼", False), ("Tom Lee", "Tom Lee", False),
])  # fmt: skip
def test_names_without_decoration(text, core, is_full):
    assert (names.name_core(text), names.is_full_name(names.name_core(text))) == (core, is_full)


def test_homophones_and_cut_names_are_not_other_names():
    key = names.pinyin_key
    assert key("张伟") == key("章伟") == key("張偉")
    assert not names.keys_differ(key("王小芳"), key("王小"))
    assert names.keys_differ(key("王小芳"), key("王小明"))
    assert names.initials("单晓明") == "sxm"


@given(st.text(max_size=20))
def test_no_text_makes_a_normaliser_fail_and_normal_forms_are_stable(text):
    for function in (*normalise.NORMALISERS.values(), normalise.landline):
        once = function(text)
        assert once is None or function(once) == once


@pytest.mark.parametrize(("field", "value", "shown"), [
    ("phone", "13812341234", "138****1234"), ("phone", "02162345678", "021****5678"), ("phone", "123", "***"),
    ("name", "王小芳", "王*芳"), ("name", "张三", "张*"), ("name", "欧阳娜娜", "欧阳**"), ("name", "Tom", "T***"),
    ("member_card", "660123458842", "6601****8842"), ("member_card", "12345", "****45"), ("member_card", "12", "**"),
    ("email", "zhang.wei@qq.com", "z***@qq.com"), ("email", "x", "***"),
    ("address", "上海市徐汇区某路1号", "上海市徐汇区******"), ("address", "上海", "**"),
    ("birthday", "1985-03-07", "1985-**-**"), ("id_number", "110101199001011234", "110***********1234"),
    ("wx_openid", "oAbC123456", "****3456"), ("phone", "", ""), ("name", "", ""), ("gender", "F", "F"),
])  # fmt: skip
def test_masks(field, value, shown):
    assert masks.masked(field, value) == shown


@given(st.sampled_from(sorted(masks.MASKS)), st.text(min_size=1, max_size=40))
def test_a_mask_never_shows_a_whole_value(field, value):
    shown = masks.masked(field, value)
    assert shown != value or "*" in value


def test_completeness_is_the_weighted_share_of_filled_fields():
    check_weights(COMPLETENESS_WEIGHTS)
    assert completeness_share(()) == 0
    assert completeness_share(COMPLETENESS_WEIGHTS) == 1
    assert completeness_share({"phone", "name", "birthday", "email"}) == 0.65
    for wrong in ({"phone": 0.5}, {**COMPLETENESS_WEIGHTS, "phone": 0.4}, {**COMPLETENESS_WEIGHTS, "phone": -0.1, "name": 0.6}):
        with pytest.raises(ValueError, match="completeness weights"):
            check_weights(wrong)
