"""A filter in words, and taking a part out of it."""

import pytest
from tests.core.filters.strategies import CATALOGUE

from huitou.core.filters.reading import Chip, reading, sentence, without
from huitou.core.filters.tree import All, Any, Condition, Not, Operator

TREE = All(
    (
        Condition("kind", Operator.IN, ("a", "b")),
        Any((Condition("day_ago", Operator.GT, 60), Condition("net", Operator.GTE, 123_450))),
        Not(Condition("stage", Operator.EQ, "old")),
        Condition("store", Operator.EQ, 7),
    )
)


def test_a_filter_reads_as_a_sentence_in_both_languages():
    names = {("store", 7): "文庙店", ("kind", "a"): "not asked of an enum"}
    zh = sentence(TREE, CATALOGUE, language="zh-hans", reference_name=lambda field, key: names.get((field, key)))
    en = sentence(TREE, CATALOGUE, language="en")
    assert zh == ("字段kind 是任一 甲、乙 且 (天 早于 60 天前 或 字段net 至少 ¥1,234.50) 且 非 阶段 是 老 且 字段store 是 文庙店")
    assert en == (
        "kind is any of A, B and (days is earlier than 60 days ago or net is at least ¥1,234.50) "
        "and not stage is old and store is #7"
    )
    assert sentence(All(), CATALOGUE, language="zh-hans") == "全部"


def test_long_lists_are_cut_with_their_size():
    tree = Condition("store", Operator.IN, tuple(range(1, 9)))
    assert sentence(tree, CATALOGUE, language="zh-hans") == "字段store 是任一 #1、#2、#3、#4、#5等 8 项"


def test_every_chip_knows_the_path_that_takes_it_out():
    frame = reading(TREE, CATALOGUE, language="zh-hans")
    chip = frame.parts[1].parts[0]
    assert chip == Chip("天", "早于", "60 天前", "1.0")
    assert without(TREE, "1.0").children[1] == Any((Condition("net", Operator.GTE, 123_450),))
    assert without(without(TREE, "1.0"), "1.0") == All((TREE.children[0], TREE.children[2], TREE.children[3]))
    assert without(TREE, "2.0") == All((TREE.children[0], TREE.children[1], TREE.children[3]))
    assert without(Condition("net", Operator.GT, 1), "") == All()


@pytest.mark.parametrize("path", ["9", "0.0", "2.1", "-1"])
def test_a_path_that_leads_nowhere_is_refused(path):
    with pytest.raises(KeyError):
        without(TREE, path)
