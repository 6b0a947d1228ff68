"""The customer list: every page in order, nobody twice, nobody missing, and nobody outside the viewer's stores."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, product

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from tests.apps.customers.people import person_make, person_of

from huitou.apps.base import walked_far, walked_listing
from huitou.apps.base.filters import filter_q, narrowing_q
from huitou.apps.base.listing import Asked, Count, CursorRefused, SortRefused, cursor_read, sort_read, stored_value
from huitou.apps.base.scope import Viewer
from huitou.apps.base.walked_far import listed_ids, reached_ids
from huitou.apps.base.walked_listing import Matching, walked_count
from huitou.apps.customers.fields import customer_catalogue, region_field
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.customers.queries.listing import (
    DEFAULT_SORT,
    PERSONS,
    person_count,
    person_ids,
    person_page,
    person_place,
    person_sorts,
    person_spread,
)
from huitou.apps.customers.queries.person import persons_in_reach
from huitou.apps.products.queries import StoreRegion
from huitou.apps.value.models import PersonValue
from huitou.core.filters.catalogue import Catalogue, Choice, Field, FieldType
from huitou.core.filters.tree import EVERYTHING, All, Any, Condition, Not, Operator
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS
from huitou.core.labels import Label
from huitou.core.value.lifecycle import Stage

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.long(45)]

AS_OF = date(2026, 11, 21)
REGION = region_field([StoreRegion(1, "E", "东"), StoreRegion(2, "E", "东"), StoreRegion(3, "W", "西")])
TIER = Field(
    "tier", Label("等级", "tier"), FieldType.ENUM, orm_path="value__tier_1", nullable=True,
    choices=tuple(Choice(code, Label(code, code)) for code in "ABC"),
)  # fmt: skip
CATALOGUE = Catalogue(Label("客户", "customers"), (*customer_catalogue(), REGION, TIER))
SORTS = person_sorts()
CHAIN = Viewer(1, "manager", None)
GUIDE = Viewer(2, "guide", frozenset({2}))
STRANGER = Viewer(3, "guide", frozenset({99}))
NOBODY = Viewer(4, "guide", frozenset())


def asked(filters=EVERYTHING, sort=None, after=None, limit=50):
    sort = sort or sort_read(DEFAULT_SORT, SORTS)
    return Asked(CATALOGUE, sort, AS_OF, filters, cursor_read(after, sort.column) if after else None, limit=limit)


@pytest.fixture
def crowd():
    """60 persons of three stores with ties, missing dates, missing facts and values, and three that are not live."""
    chance = random.Random(5)
    people, values = [], []
    for number in range(1, 61):
        last = None if chance.random() < 0.3 else AS_OF - timedelta(days=chance.randint(0, 9) * 15)
        people.append(
            person_of(
                number,
                store_id=chance.randint(1, 3),
                first_date=last,
                last_date=last,
                orders_count=0 if last is None else chance.randint(1, 4),
                net_365d_fen=chance.randint(-2, 3) * 100,
                is_live=number % 20 != 0,
            )
        )
        if number % 7:
            predicted = None if chance.random() < 0.3 else chance.randint(0, 5) * 1_000
            values.append(PersonValue(person_id=number, run_id=1, clv_12m_fen=predicted, tier_1=(None, *"AAB")[number % 4]))
    Person.objects.bulk_create(person for person, _facts in people)
    PersonFacts.objects.bulk_create(facts for _person, facts in people[:55])
    PersonValue.objects.bulk_create(values)


@pytest.fixture(params=["pieces", "all at once", "from afar", "in the database"])
def walk(request, monkeypatch):
    """The same list with tiny pieces, with few matches sorted, from afar, and sorted by the database."""
    sizes = {
        "_FIRST_PIECE": 3,
        "_PIECE": 5,
        "_WALK": 1_000 if request.param == "pieces" else 4,
        "_SHORT_WALK": 0,
        "_LONGEST_WALK": 0,
        "_FAR": 0,
    }
    are_many = request.param in ("from afar", "in the database")
    for name, size in (sizes | ({"FEW": -1} if are_many else {})).items():
        monkeypatch.setattr(walked_listing, name, size)
    monkeypatch.setattr(walked_far, "_ASKED", 2)
    monkeypatch.setattr(walked_far, "_MOST_ASKED", 1 if request.param == "in the database" else 1_000)


def wanted(viewer, sort, keep=lambda person: True):
    """The order by hand: value, then id, both in the sort's direction; persons without a value last."""

    def place(person):
        path = sort.column.path
        value = stored_value(person, path) if path else person.pk
        number = value.toordinal() if isinstance(value, date) else value
        sign = -1 if sort.descending else 1
        return (number is None, sign * (number or 0), sign * person.pk)

    people = [
        person
        for person in Person.objects.filter(is_live=True).select_related("facts")
        if (viewer.store_ids is None or person.home_store_id in viewer.store_ids) and keep(person)
    ]
    return [person.pk for person in sorted(people, key=place)]


def walked(viewer, sort, filters, limit):
    """All ids page by page to the end, then back to the start."""
    forward, back, after = [], [], None
    while True:
        page = person_page(viewer, asked(filters, sort, after, limit))
        forward.append([row.row_id for row in page.rows])
        if page.next_cursor is None:
            break
        after = page.next_cursor
    while page.previous_cursor is not None:
        page = person_page(viewer, asked(filters, sort, page.previous_cursor, limit))
        back.insert(0, [row.row_id for row in page.rows])
    return list(chain.from_iterable(forward)), list(chain.from_iterable(back)), len(forward[-1])


@pytest.mark.usefixtures("crowd", "walk")
def test_pages_hold_everybody_once_in_order_there_and_back():
    for viewer, text in product((CHAIN, GUIDE), [sign + code for code in SORTS for sign in ("", "-")]):
        sort = sort_read(text, SORTS)
        expected = wanted(viewer, sort)
        forward, back, on_last_page = walked(viewer, sort, EVERYTHING, limit=13)
        assert forward == expected, (viewer, text)
        assert back == (expected[:-on_last_page] if len(expected) > on_last_page else []), (viewer, text)


@pytest.mark.usefixtures("crowd", "walk")
def test_a_filter_keeps_the_order():
    filters = All(
        (
            Condition("stage", Operator.EQ, Stage.DORMANT.value),
            Condition("region", Operator.EQ, "E"),
            Condition("days_since_purchase", Operator.BETWEEN, (60, 120)),
        )
    )

    def keep(person):
        last = person.facts.last_date if person.pk <= 55 else None
        return last is not None and 90 <= (AS_OF - last).days <= 120 and person.home_store_id in {1, 2}

    for text in ("-last_purchase", "orders", "id"):
        sort = sort_read(text, SORTS)
        expected = wanted(CHAIN, sort, keep)
        assert expected
        assert walked(CHAIN, sort, filters, limit=2)[0] == expected, text


@pytest.mark.usefixtures("crowd", "walk")
def test_many_who_stand_far_down_the_order_are_found_in_it_there_and_back():
    """Asked of a table beside that of the order, with persons whom the asked table names and the list leaves out."""
    for viewer, text in product((CHAIN, GUIDE), ("-last_purchase", "last_purchase", "-net_365d", "clv_12m", "id")):
        sort = sort_read(text, SORTS)
        expected = wanted(viewer, sort, lambda person: person.pk <= 55 and person.facts.orders_count <= 2)
        assert len(expected) > 5
        forward, back, on_last_page = walked(viewer, sort, Condition("orders", Operator.LTE, 2), limit=5)
        assert forward == expected, (viewer, text)
        assert back == expected[:-on_last_page], (viewer, text)


@pytest.mark.usefixtures("crowd")
def test_from_afar_the_lists_are_built_twice_at_most_for_a_part_of_the_order(monkeypatch):
    for name, size in {"_FIRST_PIECE": 1, "_PIECE": 1, "_WALK": 1, "_FAR": 0, "FEW": -1}.items():
        monkeypatch.setattr(walked_listing, name, size)
    monkeypatch.setattr(walked_far, "_ASKED", 2)
    filters = All((Condition("orders", Operator.LTE, 2), Condition("home_store", Operator.EQ, 3)))
    sort = sort_read("-clv_12m", SORTS)
    with CaptureQueriesContext(connection) as asked_for:
        rows = person_page(CHAIN, asked(filters, sort)).rows
    expected = wanted(CHAIN, sort, lambda one: one.pk <= 55 and one.facts.orders_count <= 2 and one.home_store_id == 3)
    assert [row.row_id for row in rows] == expected
    built = [one["sql"] for one in asked_for if '" + 0) IN (SELECT' in one["sql"]]
    valued = [sql for sql in built if 'FROM "value_personvalue"' in sql.split(" WHERE ")[0]]
    assert (len(valued), len(built) > len(valued)) == (2, True)


@pytest.mark.usefixtures("crowd")
def test_who_is_in_no_tier_is_found_from_afar_by_those_who_are_in_one(monkeypatch):
    for name, size in {"_FIRST_PIECE": 1, "_PIECE": 1, "_WALK": 1, "_FAR": 0, "FEW": -1}.items():
        monkeypatch.setattr(walked_listing, name, size)
    sort = sort_read("-last_purchase", SORTS)
    with CaptureQueriesContext(connection) as asked_for:
        rows = person_page(CHAIN, asked(Condition("tier", Operator.MISSING), sort)).rows
    tiers = dict(PersonValue.objects.values_list("pk", "tier_1"))
    expected = wanted(CHAIN, sort, lambda person: tiers.get(person.pk) is None)
    assert {person_id for person_id in expected if person_id in tiers} not in (set(), set(expected))  # with and without a row
    assert [row.row_id for row in rows] == expected
    assert any("+ 0) IN (SELECT" in one["sql"] and "NOT (" in one["sql"] for one in asked_for)


IN_TIERS = {
    "in none": (Condition("tier", Operator.MISSING), {None}),
    "in one": (Condition("tier", Operator.EQ, "A"), {"A"}),
    "in one of several": (Condition("tier", Operator.IN, ("B", "C", "A")), {"A", "B"}),
    "in another": (Condition("tier", Operator.NE, "A"), {"B"}),
    "in any": (Condition("tier", Operator.PRESENT), {"A", "B"}),
    "in one or in none": (Any((Condition("tier", Operator.MISSING), Condition("tier", Operator.EQ, "B"))), {None, "B"}),
    "not in one": (Not(Condition("tier", Operator.EQ, "A")), {None, "B"}),
    "not in none": (Not(Condition("tier", Operator.MISSING)), {"A", "B"}),
}


@pytest.mark.usefixtures("crowd", "walk")
@pytest.mark.parametrize("text", ["-clv_12m", "clv_12m", "-last_purchase"])
def test_what_is_asked_of_the_order_s_own_table_is_found_in_it_there_and_back(text):
    """Whether an index holds the tier before the order, or the order's rows are looked at; who has no row is in no tier."""
    held = dict(PersonValue.objects.values_list("pk", "tier_1"))
    sort = sort_read(text, SORTS)
    for tiers, (filters, allowed) in IN_TIERS.items():
        expected = wanted(CHAIN, sort, lambda person, those=allowed: held.get(person.pk) in those)
        assert len(expected) > 5
        forward, back, on_last_page = walked(CHAIN, sort, filters, limit=6)
        assert forward == expected, tiers
        assert back == expected[:-on_last_page], tiers


@pytest.mark.usefixtures("crowd")
def test_who_was_far_to_find_is_kept_with_all_it_rests_on_until_one_of_them_leaves(monkeypatch):
    for name, size in {"_FIRST_PIECE": 1, "_PIECE": 1, "_WALK": 1, "_FAR": 0, "FEW": -1}.items():
        monkeypatch.setattr(walked_listing, name, size)
    searched = []

    def noted(matching, asked, limit):
        searched.append(asked.cursor)
        return looked_up(matching, asked, limit)

    looked_up = walked_listing._looked_up
    monkeypatch.setattr(walked_listing, "_looked_up", noted)
    plain = asked(Condition("tier", Operator.EQ, "A"), limit=5)
    first = replace(plain, rests_on=("version 1", None))

    def ids(one: Asked) -> list[int]:
        return [row.row_id for row in person_page(CHAIN, one).rows]

    found = ids(first)
    assert len(found) == 5
    assert ids(first) == found
    assert len(searched) == 1
    assert ids(replace(first, rests_on=("version 2", None))) == found
    assert ids(replace(first, only=tuple(found[:2]))) == found[:2]
    assert len(searched) >= 2
    searched.clear()
    ids(plain)
    ids(plain)
    assert len(searched) == 2  # without anything to rest on, nothing is kept
    PersonValue.objects.filter(pk=found[1]).update(tier_1="B")
    assert ids(first) == ids(plain)
    assert found[1] not in ids(first)


@pytest.mark.usefixtures("crowd", "walk")
@pytest.mark.parametrize("about", [0, 9, 1_000_000])
def test_a_page_whose_count_is_known_has_the_same_rows_and_counts_nothing(about, monkeypatch):
    filters = Condition("tier", Operator.EQ, "A")
    rows = person_page(CHAIN, asked(filters, limit=5)).rows
    monkeypatch.setattr(Matching, "every_nth", lambda *_: pytest.fail("counted again"))
    known = person_page(CHAIN, replace(asked(filters, limit=5), about=about))
    assert [row.row_id for row in known.rows] == [row.row_id for row in rows]
    assert known.count is None


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("viewer", [CHAIN, GUIDE, STRANGER], ids=["chain", "guide", "stranger"])
@pytest.mark.parametrize("is_estimated", [False, True])
def test_groups_add_up_to_the_count_and_hold_who_has_no_value(viewer, is_estimated, monkeypatch):
    if is_estimated:
        monkeypatch.setattr(walked_listing, "SMALL_TABLE", 0)
        monkeypatch.setattr(walked_listing, "EXACT_UP_TO", 2)
    spread = person_spread(viewer, asked(), ("facts__orders_count",))
    people = wanted(viewer, sort_read("id", SORTS))
    held = dict(PersonFacts.objects.filter(pk__in=people).values_list("pk", "orders_count"))
    assert spread.count.is_exact == (not is_estimated or len(people) <= 2)
    assert sum(spread.groups.values()) == spread.count.value == len(people)
    assert spread.groups == Counter((held.get(one),) for one in people)


@pytest.mark.usefixtures("crowd", "walk")
@pytest.mark.parametrize("text", ["-last_purchase", "net_365d"])
def test_neighbours_are_those_of_the_list_and_stay_when_the_person_leaves_it(text):
    sort = sort_read(text, SORTS)
    filters = Condition("home_store", Operator.IN, (1, 2))
    rows = person_page(CHAIN, asked(filters, sort)).rows
    order = [row.row_id for row in rows]
    assert order == wanted(CHAIN, sort, lambda person: person.home_store_id in {1, 2})

    def around(row, viewer=CHAIN):
        place = person_place(viewer, asked(filters, sort, row.cursor(backward=False)))
        return place.before and place.before.row_id, place.after and place.after.row_id, place.is_in

    assert [around(row) for row in rows] == list(zip([None, *order[:-1]], [*order[1:], None], [True] * len(order), strict=True))
    assert around(rows[1], STRANGER) == (None, None, False)
    Person.objects.filter(pk=order[1]).update(home_store_id=3)
    assert around(rows[1]) == (order[0], order[2], False)
    assert around(rows[0]) == (None, order[2], True)


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("viewer", [STRANGER, NOBODY])
@pytest.mark.parametrize("filters", [EVERYTHING, Condition("home_store", Operator.IN, (1, 2, 3))])
def test_a_stranger_sees_nobody_and_counts_nobody(viewer, filters):
    page = person_page(viewer, asked(filters))
    assert page.rows == ()
    assert page.count == Count(0)
    assert person_count(viewer, asked(filters)) == Count(0)


def test_a_row_is_masked_and_tells_its_stage():
    person_make(
        7,
        profile={"name": "王小芳", "phone": "13800001234"},
        first_date=AS_OF - timedelta(days=200),
        last_date=AS_OF - timedelta(days=90),
        orders_count=3,
    )
    person_make(8, facts=False)
    seven, eight = (row.subject for row in person_page(CHAIN, asked(sort=sort_read("id", SORTS))).rows)
    assert {name: field.text for name, field in seven.fields.items()} == {"name": "王*芳", "phone": "138****1234"}
    assert (seven.stage, seven.facts.orders_count) == (Stage.DORMANT, 3)
    assert (eight.fields, eight.stage, eight.facts) == ({}, Stage.NEW, None)


@pytest.mark.usefixtures("crowd")
def test_many_are_counted_once_to_be_called_many(monkeypatch):
    monkeypatch.setattr(walked_listing, "SMALL_TABLE", 0)
    monkeypatch.setattr(walked_listing, "EXACT_UP_TO", 2)
    monkeypatch.setattr(Matching, "about", 2)  # as far as the sample says they may be few
    with CaptureQueriesContext(connection) as asked_for:
        assert not person_spread(CHAIN, asked(), ("is_member",)).count.is_exact
    assert sum("LIMIT 3" in one["sql"] for one in asked_for) == 1


@pytest.mark.usefixtures("crowd")
def test_a_large_count_is_an_estimate_and_says_so(monkeypatch):
    monkeypatch.setattr(walked_listing, "SMALL_TABLE", 0)
    monkeypatch.setattr(walked_listing, "EXACT_UP_TO", 10)
    monkeypatch.setattr(walked_listing, "_SAMPLE", 20)
    count = person_count(CHAIN, asked())
    assert not count.is_exact
    assert 40 <= count.value <= 70  # of 57


@pytest.mark.usefixtures("crowd")
def test_everybody_in_a_small_table_is_counted(monkeypatch):
    monkeypatch.setattr(walked_listing, "EXACT_UP_TO", 2)
    newest = Person.objects.latest("id").pk
    for small, count in ((newest, Count(57)), (newest - 1, Count(57, is_exact=False))):
        monkeypatch.setattr(walked_listing, "SMALL_TABLE", small)
        monkeypatch.setattr(Matching, "about", 57)
        assert person_count(CHAIN, asked()) == count
        assert person_spread(CHAIN, asked(), ("is_member",)).count == count


@pytest.mark.usefixtures("crowd")
def test_a_large_count_is_exact_once_all_were_fetched_for_their_order(monkeypatch):
    monkeypatch.setattr(walked_listing, "SMALL_TABLE", 0)
    monkeypatch.setattr(walked_listing, "EXACT_UP_TO", 10)
    matching = Matching.of(PERSONS, persons_in_reach(CHAIN), asked())
    matching.keys("id")
    assert walked_count(matching) == Count(57)


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("after", ["", "x", "n~~", "n~1 or 1=1~3", "n~12~3", "p~2026-13-01~3", "n~2026-01-01~3; --"])
def test_a_foreign_cursor_is_refused(after):
    if not after:
        assert person_page(CHAIN, asked(after=after)).rows
        return
    with pytest.raises(CursorRefused):
        asked(after=after)


def test_an_unknown_sort_names_the_allowed_ones():
    with pytest.raises(SortRefused, match="last_purchase, net_365d, orders, .*clv_12m.*, id"):
        sort_read("name; drop table customers_person", SORTS)


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_size_outside_its_bounds_is_refused(limit):
    with pytest.raises(ValueError, match="1 to 200"):
        asked(limit=limit)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's query plan")
@pytest.mark.parametrize("text", [sign + code for code in SORTS for sign in ("", "-")])
def test_no_sort_order_sorts_the_table(text):
    person_make(1, last_date=AS_OF, first_date=AS_OF)
    plans = planned(lambda: walked_listing._pieces(PERSONS, asked(sort=sort_read(text, SORTS)), Q(), first=1))
    assert plans
    assert not [step for step in plans if "TEMP B-TREE" in step]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's query plan")
@pytest.mark.parametrize("tiers", ["in none", "in one"])
@pytest.mark.parametrize("text", ["-clv_12m", "clv_12m"])
def test_a_tier_by_predicted_value_is_read_from_the_index_of_both(tiers, text):
    person_make(1)
    PersonValue.objects.create(person_id=1, run_id=1, tier_1="A", clv_12m_fen=7)
    plans = planned(lambda: [person_page(CHAIN, asked(IN_TIERS[tiers][0], sort_read(text, SORTS)))])
    assert [step for step in plans if "person_value_by_tier_and_clv (tier_1=? AND clv_12m_fen" in step]
    assert not [step for step in plans if "TEMP B-TREE" in step]


def planned(ask):
    """Return the steps of SQLite's plans for what is asked."""
    plans = []

    def explained(execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute(f"explain query plan {sql}", params)
                plans.extend(row[-1] for row in cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(_Once(explained)):
        assert list(ask())
    return plans


class _Once:
    """An execute wrapper that does not wrap what it executes itself."""

    def __init__(self, wrapper):
        self._wrapper = wrapper
        self._inside = False

    def __call__(self, execute, sql, params, many, context):
        if self._inside:
            return execute(sql, params, many, context)
        self._inside = True
        try:
            return self._wrapper(execute, sql, params, many, context)
        finally:
            self._inside = False


RARE = {
    "a fact": Condition("orders", Operator.GTE, 4),
    "a fact that a missing row fulfils": Not(Condition("orders", Operator.GTE, 1)),
    "a plain column": Condition("home_store", Operator.IN, (1,)),
    "a fact or a plain column": Any((Condition("orders", Operator.GTE, 4), Condition("home_store", Operator.IN, (1,)))),
    "facts and a plain column": All(
        (
            Condition("net_365d", Operator.GTE, 200),
            Not(Condition("orders", Operator.LT, 2)),
            Condition("sources", Operator.LTE, 9),
        )
    ),
    "a stage": Condition("stage", Operator.EQ, "new"),
    "nobody": All((Condition("orders", Operator.GTE, 4), Condition("completeness", Operator.LT, -1.0))),
}


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("rare", RARE)
def test_the_way_for_rare_matches_finds_whom_the_plain_question_finds(rare):
    plain = persons_in_reach(CHAIN).filter(filter_q(RARE[rare], CATALOGUE, as_of=AS_OF))
    few = plain.filter(narrowing_q(RARE[rare], CATALOGUE, as_of=AS_OF, model=Person))
    assert set(few.values_list("id", flat=True)) == set(plain.values_list("id", flat=True))
    assert plain.exists() == (rare != "nobody")


@pytest.mark.usefixtures("crowd")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's query plan")
def test_counting_rare_matches_never_reads_the_files_themselves():
    lacks = [Condition("lacks", Operator.EQ, field) for field in COMPLETENESS_WEIGHTS]
    for rare in (RARE["a plain column"], Condition("completeness", Operator.LT, 0.1), *lacks):
        few = Matching.of(PERSONS, persons_in_reach(CHAIN), asked(rare)).few.order_by()
        assert "customers_person USING COVERING INDEX" in few.values("id").explain()


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("viewer", [CHAIN, GUIDE, STRANGER], ids=["chain", "guide", "stranger"])
@pytest.mark.parametrize(("few", "looked_up"), [(0, 0), (3, 0), (1_000, 0), (1_000, 1_000)])
def test_a_count_is_the_same_whether_the_lists_name_few_or_many(viewer, few, looked_up, monkeypatch):
    """Two tables name persons, more than the list has; only those in both, and in reach, are looked up where they are few."""
    monkeypatch.setattr(walked_listing, "FEW", few)
    monkeypatch.setattr(walked_listing, "LOOKED_UP", looked_up)
    filters = All((Condition("orders", Operator.LTE, 2), Condition("clv_12m", Operator.GTE, 2_000)))
    predicted = set(PersonValue.objects.filter(clv_12m_fen__gte=2_000).values_list("pk", flat=True))

    def keep(one):
        return one.pk <= 55 and one.facts.orders_count <= 2 and one.pk in predicted

    in_both = wanted(CHAIN, sort_read("id", SORTS), keep)
    Person.objects.filter(pk=in_both[-1]).update(is_live=False)
    people = wanted(viewer, sort_read("id", SORTS), keep)
    assert len(people) > 3 or viewer is not CHAIN
    matching = Matching.of(PERSONS, persons_in_reach(viewer), asked(filters))
    listed = listed_ids(matching.lists, 1_000)
    assert len(matching.lists) == 2
    assert set(listed) >= {*in_both}
    assert len(listed) > len(people)
    assert listed_ids(matching.lists, len(listed)) is not None
    assert listed_ids(matching.lists, len(listed) - 1) is None
    assert person_count(viewer, asked(filters)) == Count(len(people))
    assert sorted(person_ids(viewer, asked(filters), most=100)) == people


def test_of_many_ids_those_in_reach_are_told(crowd):
    here = persons_in_reach(GUIDE)
    everybody = list(Person.objects.values_list("pk", flat=True))
    assert sorted(reached_ids(here, everybody)) == sorted(here.values_list("pk", flat=True))
    assert reached_ids(here, []) == []
    assert reached_ids(persons_in_reach(STRANGER), everybody) == []


@pytest.mark.usefixtures("crowd")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's query plan")
def test_the_newcomers_of_a_store_are_counted_without_a_look_at_everybody_there():
    newcomers = Condition("registered", Operator.GTE, AS_OF)
    plan = Matching.of(PERSONS, persons_in_reach(GUIDE), asked(newcomers)).few.order_by().values("id").explain()
    assert "person_by_store_registered (home_store_id=? AND registered_at>?)" in plan
