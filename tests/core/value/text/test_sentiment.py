"""Sentiment of Chinese text: negation, a vocabulary that is found again, the same model from any order, what it refuses."""

import csv
from pathlib import Path

import numpy as np
import pytest

from huitou.core.value.text.grams import common_codes, grams_of, places_in
from huitou.core.value.text.model import Sentiment, TrainingRefused, pieces, scores, train
from huitou.core.value.text.words import word_scores, words_said

SENTENCES = Path(__file__).with_name("sentences.csv")
THINGS = ("苹果", "牛奶", "面包", "大米", "鸡蛋", "毛巾", "水壶", "鞋子", "酸奶", "洗衣液")
WHEN = ("", "昨天", "上周", "这次", "周末", "早上", "节前", "前天", "刚才", "中午")
GOOD = ("送得快，味道香", "摆得整齐，看着就想买", "不硬不软，正好", "分量足，孩子抢着吃")
BAD = ("放得久，味道冲", "歪在一边，看着就不想买", "硬得咬不动", "分量少，孩子一口不吃")


def written() -> tuple[list[str], np.ndarray]:
    """800 sentences whose labels grams of two and three characters tell, and single characters do not."""
    good = [f"{when}{thing}{said}" for when in WHEN for thing in THINGS for said in GOOD]
    bad = [f"{when}{thing}{said}" for when in WHEN for thing in THINGS for said in BAD]
    return good + bad, np.arange(len(good) + len(bad)) < len(good)


@pytest.fixture(scope="module")
def model() -> Sentiment:
    return train(*written())


def test_what_was_written_into_texts_is_found_again_and_a_negation_turns_it(model):
    texts, _ = written()
    assert model.tested.texts == len(texts)
    assert model.tested.accuracy > 0.98
    assert model.tested.baseline == 0.5
    assert model.tested.error < 0.05
    good, bad = scores(model, ["看着就想买", "看着就不想买"])
    assert good > 0.3
    assert bad < -0.3
    said = [one.text for one in pieces(model, "看着就不想买")]
    assert any("不" in one for one in said)
    assert all(one.weight < 0 for one in pieces(model, "硬得咬不动")[:1])


def test_the_order_of_rows_changes_nothing_and_a_model_comes_back_from_its_bytes(model):
    texts, labels = written()
    order = np.random.default_rng(3).permutation(len(texts))
    other = train([texts[place] for place in order], labels[order])
    again = Sentiment.from_bytes(model.to_bytes())
    asked = ["毛巾摆得整齐", "鞋子歪在一边，但是分量足", ""]
    for one in (other, again):
        assert one.tested == model.tested
        np.testing.assert_array_equal(scores(one, asked), scores(model, asked))
    with pytest.raises(ValueError, match="not a sentiment model"):
        Sentiment.from_bytes(b"PK\x03\x04 no such file")


def test_texts_without_labels_teach_the_words_of_their_own_field(model):
    """Books are praised in words that goods never are; some of them stand beside words that are known."""
    words = {"情节曲折": GOOD, "味同嚼蜡": BAD}
    known = [
        f"{when}{thing}，{own}，{seen}" for own, side in words.items() for seen in side for when in WHEN for thing in THINGS[:5]
    ]
    fitted = train(*written(), unlabelled=known)
    good, bad = scores(fitted, list(words))
    assert good > 0.3
    assert bad < -0.3
    assert np.isnan(scores(model, list(words))).all()
    assert fitted.tested == model.tested
    few = train(*written(), unlabelled=known[:199])
    np.testing.assert_array_equal(few.weights, model.weights)
    np.testing.assert_array_equal(train(*written(), unlabelled=written()[0]).weights, model.weights)


def test_a_text_of_unknown_characters_has_no_answer(model):
    found = scores(model, ["", "龘", "Ω≈ç√", "毛巾摆得整齐"])
    assert np.isnan(found).tolist() == [True, True, True, False]
    assert np.abs(found[3]) <= 1
    assert scores(model, []).size == 0


@pytest.mark.parametrize(("reason", "texts", "labels"), [
    ("few", lambda texts: texts[300:499], lambda labels: labels[300:499]),
    ("label", lambda texts: texts[:449], lambda labels: labels[:449]),
    ("naive", lambda texts: texts, lambda labels: np.random.default_rng(1).random(labels.size) < 0.5),
])  # fmt: skip
def test_training_is_refused_by_name(reason, texts, labels):
    all_texts, all_labels = written()
    with pytest.raises(TrainingRefused) as refused:
        train(texts(all_texts), labels(all_labels))
    assert refused.value.reason == reason


def test_grams_are_counted_per_text_and_never_across_two():
    grams = grams_of(["好用", "", "不好用不好"])
    vocabulary, holding = common_codes(grams, least_texts=2)
    assert holding.tolist() == [2, 2, 2]  # 好, 用, 好用
    assert grams.sizes()[places_in(grams.codes, vocabulary) >= 0].tolist() == [1] * 5 + [2, 2]
    assert "用不" in {grams.texts[row][start : start + 2] for row, start in zip(grams.rows, grams.starts, strict=True)}
    assert grams_of([]).codes.size == 0
    assert (places_in(grams.codes, np.zeros(0, dtype=np.uint64)) == -1).all()


@pytest.mark.parametrize(("text", "sign"), [
    ("很好用", 1), ("不好用", -1), ("没有问题", 1), ("不是很满意", -1), ("一点也不新鲜", -1),
    ("贵，但是很新鲜很好吃", 1), ("很好吃，但是太贵", -1), ("今天星期四", 0), ("", 0),
])  # fmt: skip
def test_words_are_turned_by_negation_and_what_follows_a_but_counts_double(text, sign):
    assert np.nan_to_num(np.sign(word_scores([text])))[0] == sign


@pytest.mark.accept("S43")
def test_of_200_sentences_the_word_list_is_right_where_it_says_something():
    with SENTENCES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 200
    found = word_scores([row["text"] for row in rows])
    said = ~np.isnan(found) & (found != 0)
    right = (found > 0) == np.array([row["label"] == "1" for row in rows])
    assert said.mean() > 0.7
    assert right[said].mean() > 0.9
    assert [one.text for one in words_said("买来就坏，不推荐")] == ["坏", "不推荐"]
