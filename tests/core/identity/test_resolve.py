"""The matcher: links, hubs, the guard, decisions, independence of order, quality on a small chain with known truth."""

import random
from collections import defaultdict
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitou.core.identity import Policy, resolve
from huitou.core.identity.match.blocks import block_keys
from huitou.core.identity.match.model import Model
from huitou.core.identity.match.sources import each_piece
from huitou.demo.identities import Recipe, record_chunks

COLUMNS = ("name", "phone", "member_card", "wx_openid", "email", "gender", "birthday", "store_id", "phone_verified")
PHONE = "13912345678"


def table(rows):
    return pa.table({
        "record_id": pa.array([row["record_id"] for row in rows]),
        **{name: pa.array([row.get(name) for row in rows], pa.string()) for name in COLUMNS},
    })  # fmt: skip


def groups(resolution):
    found = defaultdict(set)
    rows = zip(*(resolution.entities.column(name).to_pylist() for name in ("record_id", "entity_id")), strict=True)
    for record, entity in rows:
        found[entity].add(record)
    return {frozenset(records) for records in found.values()}


def of(*rows, **options):
    return resolve({"all": table([{"record_id": at + 1, **row} for at, row in enumerate(rows)])}, **options)


@pytest.mark.accept("S21")
@pytest.mark.parametrize("other", ["+86 139 1234 5678", "0086 13912345678", "１３９-１２３４-５６７８", "139 1234 5678"])
def test_records_that_share_a_verified_phone_in_any_spelling_link(other):
    found = of({"phone": PHONE, "phone_verified": "true", "name": "王小芳"}, {"phone": other, "phone_verified": "true"})
    assert groups(found) == {frozenset({1, 2})}
    assert found.edges.select(["a", "b", "kind", "evidence"]).to_pylist() == [
        {"a": 1, "b": 2, "kind": "phone", "evidence": "both_verified"}
    ]


@pytest.mark.accept("S21")
@pytest.mark.parametrize("field", ["member_card", "wx_openid"])
def test_records_that_share_a_card_or_openid_link(field):
    assert groups(of({field: "A12345678"}, {field: " A12345678 "}, {field: "A12345679"})) == {frozenset({1, 2}), frozenset({3})}


@pytest.mark.accept("S21")
def test_a_blocked_phone_and_a_landline_never_link():
    policy = Policy(blocked={"phone": frozenset({"+86 13912345678"})})
    found = of({"phone": PHONE, "phone_verified": "1"}, {"phone": PHONE, "phone_verified": "1"}, policy=policy)
    assert len(groups(found)) == 2
    assert found.hubs.to_pylist()[0]["reason"] == "blocked"
    assert len(groups(of({"phone": "021-62345678"}, {"phone": "02162345678"}))) == 2


def test_a_value_that_many_records_hold_links_nobody():
    held = [{"phone": PHONE, "store_id": "7"} for _ in range(15)]
    assert len(groups(of(*held[:14]))) == 1
    found = of(*held)
    assert len(groups(found)) == 15
    assert found.hubs.to_pylist() == [
        {"kind": "phone", "value": PHONE, "records": 15, "names": 0, "store_id": "7", "reason": "records"}
    ]


def test_a_value_that_many_names_share_links_nobody():
    people = [{"phone": PHONE, "name": name} for name in ("王芳", "李雷", "张伟", "刘洋", "陈静", "杨光")]
    assert len(of(*people[:5]).hubs) == 0
    found = of(*people)
    assert len(groups(found)) == 6
    assert [(hub["reason"], hub["names"]) for hub in found.hubs.to_pylist()] == [("names", 6)]


ANNA = {"phone": PHONE, "name": "王小芳", "gender": "女", "birthday": "1985-03-07"}
BORIS = {"phone": PHONE, "name": "李雷", "gender": "男", "birthday": "1983-01-02"}


def test_spouses_who_share_a_phone_stay_two_and_are_put_up_for_review():
    found = of(ANNA, BORIS)
    assert len(groups(found)) == 2
    assert found.review.select(["a", "b", "reason"]).to_pylist() == [{"a": 1, "b": 2, "reason": "contradiction"}]
    assert found.households.to_pylist() == [{"a": 1, "b": 2, "kind": "phone"}]


def test_a_shared_phone_does_not_outweigh_another_name_but_a_homophone_is_the_same():
    assert len(groups(of(ANNA, {"phone": PHONE, "name": "李雷"}))) == 2
    assert len(groups(of(ANNA, {**ANNA, "name": "王晓芳", "birthday": "1999-09-09"}))) == 1


def test_a_nameless_receipt_goes_to_whose_card_it_holds_and_else_to_nobody():
    contested = of(ANNA, BORIS, {"phone": PHONE})
    assert groups(contested) == {frozenset({1}), frozenset({2}), frozenset({3})}
    assert {row["reason"] for row in contested.review.to_pylist() if row["b"] == 3} == {"contested"}
    by_card = of({**ANNA, "member_card": "66010001"}, BORIS, {"phone": PHONE, "member_card": "66010001"})
    assert groups(by_card) == {frozenset({1, 3}), frozenset({2})}
    by_proof = of(ANNA, {**BORIS, "phone_verified": "true"}, {"phone": PHONE})
    assert groups(by_proof) == {frozenset({1}), frozenset({2, 3})}


def test_a_chain_of_links_does_not_bring_contradicting_people_together():
    bridge = {"member_card": "66010001", "email": "a.b@qq.com"}
    found = of({**ANNA, "phone": None, "member_card": "66010001"}, bridge, {**BORIS, "phone": None, "email": "a.b@qq.com"})
    assert groups(found) == {frozenset({1, 2}), frozenset({3})}


def test_human_decisions_outrank_the_matcher():
    assert len(groups(of(ANNA, BORIS, joins=[(1, 2)]))) == 1
    assert len(groups(of({"phone": PHONE}, {"phone": PHONE}, vetoes=[(1, 2)]))) == 2
    assert groups(of(ANNA, BORIS, ANNA, joins=[(1, 2)])) == {frozenset({1, 2, 3})}


def test_further_identifiers_link_and_ended_phones_do_not():
    extra = pa.table({
        "record_id": [1, 2], "kind_code": ["phone", "card"], "value": ["+86" + PHONE, "66010001"], "verified": ["1", None],
        "valid_to": [None, "2020-01-01"],
    })  # fmt: skip
    rows = [{}, {}, {"phone": PHONE}, {"member_card": "66010001"}]
    assert groups(of(*rows, identifiers=extra)) == {frozenset({1, 3}), frozenset({2, 4})}
    ended = extra.set_column(4, "valid_to", pa.array(["2020-01-01", None]))
    assert groups(of(*rows, identifiers=ended)) == {frozenset({1}), frozenset({3}), frozenset({2, 4})}


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="no column record_id"):
        resolve({"mall": pa.table({"id": [1]})})
    with pytest.raises(ValueError, match="unique"):
        resolve({"mall": pa.table({"record_id": ["a", "a"]})})
    assert resolve({}).profile()["duplicate_share"] is None


people = st.fixed_dictionaries(
    {},
    optional={
        "phone": st.sampled_from([PHONE, "13987654321", "13700001234"]),
        "member_card": st.sampled_from(["66010001", "66010002"]),
        "name": st.sampled_from(["王小芳", "李雷", "张伟", "王"]),
        "gender": st.sampled_from(["男", "女"]),
        "birthday": st.sampled_from(["1985-03-07", "1990-05-05"]),
        "phone_verified": st.just("true"),
    },
)


@settings(deadline=None, max_examples=60)
@given(st.lists(people, max_size=9), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_sources_does_not_matter(rows, rng):
    named = [{"record_id": at, **row} for at, row in enumerate(rows)]
    expected = resolve({"all": table(named)})
    shuffled = rng.sample(named, len(named))
    cut = rng.randint(0, len(named))
    other = resolve({"b": table(shuffled[:cut]), "a": table(shuffled[cut:])})
    for name in ("edges", "review", "hubs", "households"):
        assert getattr(other, name).to_pylist() == getattr(expected, name).to_pylist()
    assert other.entities.sort_by("record_id").to_pylist() == expected.entities.to_pylist()


@settings(deadline=None, max_examples=60)
@given(st.lists(people, max_size=9))
def test_no_entity_holds_a_contradiction(rows):
    found = of(*rows)
    for records in groups(found):
        for left, right in combinations((rows[record - 1] for record in records), 2):
            full = len(left.get("name", "")) > 1 and len(right.get("name", "")) > 1
            other = full and left["name"] != right["name"]
            assert not (
                other
                and any(left.get(field) and right.get(field) and left[field] != right[field] for field in ("gender", "birthday"))
            )


def small_chain(seed, persons=1_500):
    """Make dirty records of a small chain: families and enrolments share phones. Returns rows, truth."""
    rng = random.Random(seed)
    family, given_names = (
        "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁",
        "小芳伟娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英文华玉红建国",
    )
    rows, truth = [], {}
    shop = "13911110000"
    for person in range(persons):
        name = rng.choice(family) + rng.choice(given_names) + rng.choice(given_names)
        phone = f"158{rng.randrange(10**8):08d}" if rng.random() > 0.03 or not rows else rows[-1]["phone"] or PHONE
        full = {
            "name": name, "phone": phone, "gender": rng.choice("男女"), "member_card": f"66{person:08d}",
            "birthday": f"19{rng.randrange(50, 99)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        }  # fmt: skip
        for copy in range(1 if rng.random() < 0.6 else rng.randrange(2, 4)):
            row = dict(full)
            if copy:
                row["member_card"] = None if rng.random() < 0.5 else row["member_card"]
                row["phone"] = rng.choice(["+86 ", "0086", ""]) + phone
                row["name"] = rng.choice([name, name[0] + "女士", None])
            if rng.random() < 0.02:
                row["phone"] = shop
            row["record_id"] = len(rows)
            truth[len(rows)] = person
            rows.append(row)
    return rows, truth


def test_on_a_small_chain_with_known_truth_hardly_anybody_is_joined_wrongly_or_missed():
    rows, truth = small_chain(7)
    found = resolve({"all": table(rows)})
    pairs = {pair for records in groups(found) for pair in combinations(sorted(records), 2)}
    by_person = defaultdict(list)
    for record, person in truth.items():
        by_person[person].append(record)
    true = {pair for records in by_person.values() for pair in combinations(sorted(records), 2)}
    assert len(pairs & true) / len(pairs) >= 0.99
    assert len(pairs & true) / len(true) >= 0.90
    residual = 1 - len(by_person) / len(groups(found))
    assert residual <= 0.05


def test_the_worked_example_of_the_documentation():
    found = of(
        {"name": "王小芳", "gender": "女", "phone": "13912345678", "member_card": "66010001"},
        {"name": "李雷", "gender": "男", "phone": "139 1234 5678"},
        {"phone": "13912345678", "member_card": "66010001"},
    )
    assert groups(found) == {frozenset({1, 3}), frozenset({2})}
    assert {(row["a"], row["b"]) for row in found.review.to_pylist()} >= {(1, 2)}


def test_a_table_without_anything_to_match_on_is_refused():
    with pytest.raises(ValueError, match="none of the columns"):
        resolve({"mall": pa.table({"record_id": ["a"], "points": ["7"]})})
    assert len(resolve({"mall": pa.table({"record_id": ["a", "b"], "phone": [PHONE, PHONE]})}).edges) == 1


def test_two_records_are_compared_exactly_when_they_share_a_block_key():
    other = {"record_id": 2, "name": "王晓芳", "birthday": "1985/3/7"}
    keys = block_keys({"a": table([{"record_id": 1, **ANNA}, other])}).to_pylist()
    by_record = [{(row["kind"], row["key"]) for row in keys if row["record_id"] == record} for record in (1, 2)]
    assert {kind for kind, _ in by_record[0] & by_record[1]} == {"name_birthday"}


def test_a_stored_model_judges_a_component_like_the_whole_run():
    rows, _ = small_chain(3, persons=300)
    whole = resolve({"all": table(rows)})
    model = Model.from_json(whole.model.to_json())
    assert model == whole.model
    first = next(iter(sorted(groups(whole), key=lambda records: (-len(records), min(records)))))
    part = resolve({"all": table([row for row in rows if row["record_id"] in first])}, model=model)
    assert groups(part) == {first}


@settings(deadline=None, max_examples=40)
@given(st.lists(people, min_size=3, max_size=9), st.data())
def test_decisions_are_honoured_whatever_the_records_say(rows, data):
    places = st.tuples(st.integers(1, len(rows)), st.integers(1, len(rows))).filter(lambda pair: pair[0] != pair[1])
    join, veto = data.draw(places), data.draw(places)
    joined = groups(of(*rows, joins=[join]))
    assert any(set(join) <= records for records in joined)
    parted = groups(of(*rows, joins=[join], vetoes=[veto]))
    assert not any(set(veto) <= records for records in parted)
    assert sorted(record for records in parted for record in records) == list(range(1, len(rows) + 1))


@settings(deadline=None, max_examples=40)
@given(st.lists(people, min_size=3, max_size=9), st.data())
def test_decisions_count_as_a_set_and_taking_them_back_gives_the_files_back(rows, data):
    places = st.tuples(st.integers(1, len(rows)), st.integers(1, len(rows))).filter(lambda pair: pair[0] != pair[1])
    before = groups(of(*rows))
    joins, vetoes = data.draw(st.lists(places, max_size=4)), data.draw(st.lists(places, max_size=4))
    both = groups(of(*rows, joins=joins, vetoes=vetoes))
    turned = [(b, a) for a, b in reversed(joins)], [(b, a) for a, b in reversed(vetoes)]
    assert groups(of(*rows, joins=turned[0], vetoes=turned[1])) == both
    assert groups(of(*rows, joins=[*joins, *joins], vetoes=vetoes)) == both
    assert groups(of(*rows)) == before


@pytest.mark.parametrize("threads", [1, 3])
def test_shuffled_rows_and_more_threads_give_the_same_persons(threads, monkeypatch):
    parts = {}
    for source, records, _ in record_chunks(Recipe(3_000, seed=8)):
        parts[source] = records
    policy = Policy(fit_pairs=500, enough_names=1_000)  # fit as a run over a whole chain does
    expected = resolve(parts, policy=policy)
    monkeypatch.setattr("os.cpu_count", lambda: threads)
    rng = random.Random(threads)
    shuffled = {name: part.take(rng.sample(range(len(part)), len(part))) for name, part in reversed(parts.items())}
    found = resolve(shuffled, policy=policy)
    assert found.model == expected.model
    assert resolve(parts, policy=policy, model=expected.model).entities == expected.entities
    assert found.entities.sort_by("record_id") == expected.entities.sort_by("record_id")
    entities = dict(zip(*(found.entities[name].to_pylist() for name in ("record_id", "entity_id")), strict=True))
    assert all(entities[entity] == entity <= record for record, entity in entities.items())  # a partition, named by its first


def test_a_record_that_shares_a_card_with_one_of_three_is_theirs():
    named = {"phone": PHONE, "name": "王小芳"}
    found = of(named, {**named, "member_card": "6601 2345 8842"}, {"member_card": "660123458842"}, {"phone": PHONE})
    assert groups(found) == {frozenset({1, 2, 3, 4})}


def frames(columns):
    yield "table", pa.table(columns)
    yield "large texts", pa.table({name: pa.array(values, pa.large_string()) for name, values in columns.items()})
    yield "dictionaries", pa.table({name: pa.array(values, pa.string()).dictionary_encode() for name, values in columns.items()})
    yield "chunks", pa.concat_tables([pa.table(columns).slice(0, 1), pa.table(columns).slice(1, 0), pa.table(columns).slice(1)])
    yield "record batch", pa.table(columns).to_batches()[0]
    yield "bytes", pa.table({name: pa.array([text and text.encode() for text in values]) for name, values in columns.items()})
    yield "any Arrow stream", Stream(pa.table(columns))


class Stream:
    """What pandas and Polars frames are to the matcher: something that gives its columns as an Arrow stream."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


def test_every_kind_of_arrow_data_gives_the_same_persons():
    columns = {
        "record_id": ["a", "b", "c", "d"], "name": ["王小芳", "王晓芳", None, "李雷"], "colour": ["red", None, "", "x"],
        "phone": ["13912345670", "139 1234 5670", "13912345670\0", "13700001111"], "email": [None] * 4,
    }  # fmt: skip
    for kind, table in frames(columns):
        entities = resolve({"mall": table}).entities
        assert [str(entity) for entity in entities["entity_id"].to_pylist()] == ["a", "a", "a", "d"], kind


def test_numbers_from_a_spreadsheet_are_read_as_their_digits():
    for column in ([13912345670, 13912345670, None], [13912345670.0, 13912345670.0, None]):
        assert resolve({"till": pa.table({"record_id": [1, 2, 3], "phone": column})}).profile()["entities"] == 2


def test_huge_texts_and_broken_bytes_are_nobodys_values():
    broken = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(np.array([0, 3, 5], np.int32)), pa.py_buffer(b"\xff\xfe\xe7\xe7\x8e")]
    )
    columns = dict.fromkeys(("name", "phone", "member_card", "email", "birthday", "address", "created_at"), broken)
    assert resolve({"mall": pa.table({"record_id": ["a", "b"], **columns})}).profile()["entities"] == 2
    huge = {name: ["王" * 100_000, "1" * 500_000, "\0\0"] for name in columns}
    assert resolve({"mall": pa.table({"record_id": ["a", "b", "c"], **huge})}).profile()["entities"] == 3


@pytest.mark.parametrize(("given", "names"), [
    ({"record_id": ["a"], "phone": ["1"]}, "mall"),
    (pa.table([["a"], ["1"], ["2"]], names=["record_id", "phone", "phone"]), "phone"),
    (pa.table({"record_id": ["a", ""], "phone": ["1", "2"]}), "empty"),
])  # fmt: skip
def test_what_is_no_table_of_records_is_named(given, names):
    with pytest.raises(ValueError, match=names):
        resolve({"mall": given})


@pytest.mark.parametrize("cores", [1, 3])
def test_files_read_in_pieces_give_what_tables_give(cores, tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setattr("huitou.core.identity.match.features._FEW", 0)
    monkeypatch.setattr("huitou.core.identity.match.sources._STRETCH", 90)
    tables = {source: records for source, records, _ in record_chunks(Recipe(2_000, seed=8))}
    files = {}
    for at, (source, records) in enumerate(tables.items()):
        files[source] = tmp_path / f"{source}.parquet"
        pq.write_table(records, files[source], row_group_size=100 + 400 * at)
    policy = Policy(hub_records=3)
    expected, found = (resolve(sources, policy=policy) for sources in (tables, files))
    assert found.entities == expected.entities
    assert found.model == expected.model
    assert found.hubs == expected.hubs
    assert len(found.hubs)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_first_error_ends_the_reading_of_all_pieces(workers):
    def pieces(broken):
        for low in range(5):
            if broken and low == 2:
                raise OSError("no such page")
            yield low, pa.table({"record_id": ["a"]})

    seen = []
    with pytest.raises(OSError, match="no such page"):
        each_piece([(0, pieces(False)), (10, pieces(True))], lambda row, _: seen.append(row), workers)
    assert set(seen) <= {0, 1, 2, 3, 4, 10, 11}
    each_piece([(0, pieces(False)), (10, pieces(False))], lambda row, _: seen.append(row), workers)
    assert set(seen) == {0, 1, 2, 3, 4, 10, 11, 12, 13, 14}
