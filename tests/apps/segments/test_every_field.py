"""
Every field that a segment may ask answers alike wherever it is asked: arrays and operations database together (as segments and
journeys do), the operations database alone (as lists do), SQL of the analytical store, and the values read one by one.
"""

import random
import re
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from tests.apps.segments.world import AS_OF, NOW, PEOPLE

from huitou.apps.attributes.models import Attribute, AttributeValue, EventType
from huitou.apps.base.filters import filter_q
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.identity.models import ImportedPerson, ImportPart
from huitou.apps.privacy.models import Consent
from huitou.apps.recommend.models import RecommendRun
from huitou.apps.relations.models import CustomerGroup, GroupStep, HouseholdTie, Referral
from huitou.apps.segments.catalogue import segment_entries
from huitou.apps.segments.counting import Counting, counting
from huitou.apps.segments.models import LookAlike, LookAlikeRank, Segment
from huitou.apps.value.models import (
    ClusterRun,
    InferenceRule,
    InferredValue,
    MonthMove,
    PersonTag,
    TagDefinition,
    TopList,
    TopListMember,
    ValueRun,
)
from huitou.apps.value.schemes import schemes_in_force, shipped_ensure
from huitou.apps.value.services.tags import INTEREST
from huitou.core.attributes import AttributeType
from huitou.core.filters.catalogue import Catalogue, Field, FieldType
from huitou.core.filters.json_form import dump
from huitou.core.filters.plan import matches, plan
from huitou.core.filters.tree import BARE_OPERATORS, LIST_OPERATORS, All, Any, Condition, Node, Not, Operator
from huitou.core.periods import business_date
from huitou.warehouse.facts_schema import FACTS
from huitou.warehouse.filters import filter_sql

pytestmark = pytest.mark.django_db

ADMIN = Viewer(3, "admin", None)  # sees every field there is
PERSONS = sorted(PEOPLE.values())
GRANTED = (101, 102, 105)  # who may be asked about what is sensitive
DOCS = Path(__file__).parents[3] / "docs" / "filters.md"
BESIDE = {  # one row beside the person; what must stand in it
    "value": {"run_id": 1}, "forecast": {"run_id": 1, "purchases": 1.0, "low": 0, "high": 0},
    "behaviour": {}, "relations": {}, "cluster": {"code": "g1"},
    "demographic": {"read_at": NOW, "gender_code": "unknown"},
    "recommendation": {"run_id": 1, "again": "[]", "fresh": "[]", "categories": "[]"},
}  # fmt: skip


def _facts(desk: Counting) -> dict[int, dict[str, object]]:
    names = [fact.name for fact in FACTS]
    rows = desk.reading.cursor.execute(f"select person_id, {', '.join(names)} from facts").fetchall()
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def _value(field: Field, rng: random.Random) -> object:
    """Return a stored value of a field."""
    if field.choices:
        return field.stored(rng.choice([choice.code for choice in field.choices]))
    match field.type:
        case FieldType.CODE:
            return rng.choice(["A", "a", "B"])
        case FieldType.REFERENCE:
            return rng.randint(1, 4)
        case FieldType.SHARE:
            return rng.choice([0.0, 0.25, 0.5, 1.0])
        case FieldType.DATE | FieldType.DAYS_AGO:
            return AS_OF - timedelta(days=rng.choice([0, 1, 30, 89, 90, 200]))
        case FieldType.FLAG:
            return rng.random() < 0.5
        case _:
            return rng.randint(max(field.minimum, -3), min(field.maximum, 6))


def _define() -> None:
    """Put everything in force that gives customers a field of its own."""
    shipped_ensure(now=NOW)
    choices = [{"code": code, "title": code} for code in ("ev", "oil")]
    for kind in AttributeType:
        Attribute.objects.create(
            code=f"of_{kind.value}", title=kind.value, type_code=kind.value, created_at=NOW,
            choices=choices if kind is AttributeType.CHOICE else [], places=2 if kind is AttributeType.DECIMAL else 0,
        )  # fmt: skip
    Attribute.objects.create(
        code="sealed", title="密", type_code="choice", choices=choices, is_sensitive=True, purpose_code="personal", created_at=NOW
    )
    for person_id in GRANTED:
        Consent.objects.create(
            person_id=person_id, channel_code="sms", purpose_code="personal", answer_code="granted", source_code="phone",
            said_at=NOW, recorded_at=NOW,
        )  # fmt: skip
    EventType.objects.create(code="fitting", title="试衣", created_at=NOW)
    TagDefinition.objects.create(
        code="vip", name="贵宾", dimension_code="value", kind_code="manual", definition="x", created_at=NOW
    )
    InferenceRule.objects.create(attribute_code="of_choice", is_on=True, switched_by=1, switched_at=NOW)
    ClusterRun.objects.create(
        value_run_id=1, as_of=AS_OF, computed_at=NOW,
        groups=[{"number": one, "size": 4, "net_fen": 1, "means": {}, "spreads": {}, "centre": []} for one in (1, 2)],
    )  # fmt: skip
    RecommendRun.objects.create(base_number=1, version=1, as_of=AS_OF, started_at=NOW, ended_at=NOW)
    run = ValueRun.objects.create(kind_code="full", version=1, base_number=1, as_of=AS_OF, window_days=365, started_at=NOW)
    for month in ("2026-05", "2026-06"):
        TopList.objects.create(month=month, share=0.2, buyers=8, members=2, run=run, frozen_at=NOW)
    segment = Segment.objects.create(name="种子", owner_id=7, refresh_id=1, created_at=NOW, updated_at=NOW)
    LookAlike.objects.create(segment=segment, asked_by=7, asked_at=NOW, as_of=AS_OF, kept=6)
    CustomerGroup.objects.create(pk=3, source_code="files", code="G1", title="福利群")


def _fill(fields: list[Field], rng: random.Random) -> None:
    """Give everybody random values: about a third of the columns stay empty."""
    beside: dict[tuple[str, int], dict[str, object]] = defaultdict(dict)
    for field in fields:
        if field.is_derived or field.rows is not None or field.orm_path.startswith("facts__"):
            continue
        relation, _, column = field.orm_path.rpartition("__")
        for person_id in PERSONS:
            if not field.nullable or rng.random() < 0.65:
                value = _value(field, rng)
                beside[relation, person_id][column] = NOW - (AS_OF - value) if field.of_moment else value
    for (relation, person_id), columns in beside.items():
        if relation:
            model: type[Model] = Person._meta.get_field(relation).related_model
            model._base_manager.create(person_id=person_id, **{**BESIDE[relation], **columns})
        else:
            Person.objects.filter(pk=person_id).update(**columns)


def _fill_rows(fields: dict[str, Field], rng: random.Random) -> None:
    """Give most people rows of every table that fields read: none, one or several."""
    number = 1_000
    for attribute in Attribute.objects.all():  # of a record that is nobody's any more
        number += 1
        field = fields[f"attribute_{attribute.code}"]
        AttributeValue.objects.create(
            attribute_id=attribute.pk, event_id=number, record_id=2, person_id=None, source_code="events", observed_at=NOW,
            is_current=True, **{field.orm_path: _value(field, rng)},
        )  # fmt: skip
    for person_id in PERSONS:
        for attribute in Attribute.objects.all():
            field = fields[f"attribute_{attribute.code}"]
            for is_current in (False, rng.random() < 0.6):
                number += 1
                AttributeValue.objects.create(
                    attribute_id=attribute.pk, event_id=number, record_id=1, person_id=person_id, source_code="events",
                    observed_at=NOW, is_current=is_current, **{field.orm_path: _value(field, rng)},
                )  # fmt: skip
        for _ in range(rng.randint(0, 2)):
            number += 1
            moment = NOW - timedelta(days=rng.choice([0, 1, 40]))
            BehaviourEvent.objects.create(
                pk=number, source_code="mall", event_no=f"E{number}", type_code="fitting", record_id=1, person_id=person_id,
                occurred_at=moment, occurred_on=business_date(moment),
            )  # fmt: skip
        for one in schemes_in_force():
            if rng.random() < 0.6:
                MonthMove.objects.create(
                    person_id=person_id, scheme_id=one.scheme_id, direction=rng.choice(["up", "down"]), from_code="A", to_code="B"
                )
        for code in ("vip", INTEREST):
            if rng.random() < 0.6:
                PersonTag.objects.create(
                    person_id=person_id, tag_code=code, is_current=rng.random() < 0.7, given_at=NOW,
                    category_id=rng.randint(10, 13) if code == INTEREST else None,
                )  # fmt: skip
        for one in TopList.objects.all():
            if rng.random() < 0.4:
                TopListMember.objects.create(top_list=one, rank=person_id, person_id=person_id, rfm_total=9, net_365d_fen=1)
        if rng.random() < 0.6:
            rule = InferenceRule.objects.get()
            code = rng.choice(["ev", "oil"])
            InferredValue.objects.create(rule=rule, person_id=person_id, value_code=code, confidence=0.7, inferred_on=AS_OF)
        if rng.random() < 0.6:
            LookAlikeRank.objects.create(look_alike=LookAlike.objects.get(), person_id=person_id, rank=rng.randint(1, 6))
        if rng.random() < 0.6:
            ImportedPerson.objects.create(
                import_id=rng.randint(1, 3), person_id=person_id, part_code=rng.choice(ImportPart.values)
            )
        other = rng.choice([one for one in PERSONS if one != person_id])
        if rng.random() < 0.7:
            HouseholdTie.objects.create(
                person_id=person_id, other_id=other, kind_code="phone", value_hash=person_id, valid_from=NOW,
                valid_to=NOW if rng.random() < 0.3 else None,
            )  # fmt: skip
        if rng.random() < 0.7:
            Referral.objects.create(
                source_code="files", pair_no=str(person_id), person_id=person_id, referrer_id=other, is_current=rng.random() < 0.7
            )
        if rng.random() < 0.6:
            number += 1
            GroupStep.objects.create(
                pk=number, group_id=3, record_id=1, person_id=person_id, is_join=True, at=NOW,
                left_at=NOW if rng.random() < 0.3 else None,
            )  # fmt: skip


# PostgreSQL is asked about one of the two: the second brings other values, not other questions
@pytest.fixture(params=[pytest.param(0, marks=pytest.mark.db_both), 1])
def furnished(request, chain):
    """Eight persons with purchases in the analytical store and random values of everything else."""
    rng = random.Random(request.param)
    _define()
    with counting(ADMIN, now=NOW) as desk:
        for person_id, row in _facts(desk).items():
            PersonFacts.objects.create(person_id=person_id, version=1, **row)
        fields = {field.name: field for field in desk.catalogue}
    _fill(list(fields.values()), rng)
    _fill_rows(fields, rng)
    return rng


def _columns(desk: Counting) -> dict[int, dict[str, object]]:
    """Return the values of every stored field of everybody, read without any filter."""
    facts = _facts(desk)
    found: dict[int, dict[str, object]] = {person_id: {} for person_id in PERSONS}
    for field in desk.catalogue:
        if field.is_derived:
            continue
        codes = {choice.stored: choice.code for choice in field.choices if choice.stored is not None}
        if field.sql_column:
            told = [(person_id, row[field.sql_column]) for person_id, row in facts.items()]
        elif field.rows is None:
            told = list(Person.objects.values_list("pk", field.orm_path))
            if field.of_moment:
                told = [(person_id, moment and business_date(moment)) for person_id, moment in told]
        else:
            rows = apps.get_model(field.rows.model)._base_manager.filter(**dict(field.rows.where))
            told = list(rows.values_list(field.rows.owner, field.orm_path))
        for person_id in found:
            own = [codes.get(value, value) for owner, value in told if owner == person_id]
            if field.rows is None:
                found[person_id][field.name] = own[0] if own else None
            else:
                may = not field.rows.purpose or person_id in GRANTED
                found[person_id][field.name] = tuple(value for value in own if value is not None) if may else ()
    return found


def _asked_values(field: Field, columns: dict[int, dict[str, object]]) -> list[object]:
    """Return what is worth asking of a field: values that occur, and their neighbours."""
    if field.choices:
        return [choice.code for choice in field.choices][:4]
    stored = [row[field.name] for row in columns.values()]
    known = {value for one in stored for value in (one if isinstance(one, tuple) else (one,)) if value is not None}
    if field.type is FieldType.FLAG:
        return [True, False]
    if field.type is FieldType.SHARE:
        return sorted({float(value) for value in known} | {0.3})[:4]
    if field.type is FieldType.DAYS_AGO:
        days = {(AS_OF - day).days for day in known}
        return sorted({max(0, day + more) for day in days for more in (0, 1)})[:6] or [30]
    if field.type is FieldType.DATE:
        return sorted(known | {AS_OF})[:5]
    if field.type is FieldType.CODE:
        return sorted(known) or ["A"]
    numbers = {value + more for value in known for more in (0, 1)}
    return sorted(value for value in numbers if field.minimum <= value <= field.maximum)[:6] or [max(field.minimum, 1)]


def _conditions(field: Field, columns: dict[int, dict[str, object]]) -> list[Condition]:
    values = _asked_values(field, columns)
    made = []
    for operator in field.operators:
        if operator in BARE_OPERATORS:
            made.append(Condition(field.name, operator))
        elif operator in LIST_OPERATORS:
            made += [Condition(field.name, operator, tuple(values[:count])) for count in (1, 2)]
        elif operator is Operator.BETWEEN:
            made += [
                Condition(field.name, operator, (low, high)) for low, high in zip(values, values[1:] or values, strict=False)
            ]
        elif operator is Operator.NEAR:
            made += [Condition(field.name, operator, (field.places[0].id, metres)) for metres in (1, 2_000)]
        else:
            made += [Condition(field.name, operator, value) for value in values]
    return made


def _two_of_each_operator(conditions: list[Condition]) -> list[Condition]:
    """Return the first and the last condition of every operator."""
    first = {one.operator: one for one in reversed(conditions)}
    last = {one.operator: one for one in conditions}
    return [*first.values(), *(one for operator, one in last.items() if one is not first[operator])]


def _answers(
    desk: Counting, node: Node, columns: dict[int, dict[str, object]], reach: set[int], viewer: Viewer = ADMIN
) -> dict[str, list[int]]:
    """Return who in reach matches, by who was asked."""
    catalogue: Catalogue = desk.catalogue
    persons = persons_in_reach(viewer)
    step = plan(node, catalogue, as_of=AS_OF)
    found = {
        "one by one": [person_id for person_id, row in columns.items() if person_id in reach and matches(step, row)],
        "segments": desk.matching(step).ids().tolist(),
        "lists": sorted(persons.filter(filter_q(node, catalogue, as_of=AS_OF)).values_list("pk", flat=True)),
    }
    try:
        condition, parameters = filter_sql(node, catalogue, as_of=AS_OF)
    except ValueError:
        return found  # it asks a field of the operations database
    rows = desk.reading.cursor.execute(f"select person_id from facts where {condition} order by 1", parameters).fetchall()
    return {**found, "sql": [person_id for (person_id,) in rows if person_id in reach]}


def _reach(viewer: Viewer) -> set[int]:
    return set(persons_in_reach(viewer).values_list("pk", flat=True))


def _tree(rng: random.Random, leaves: list[Condition], depth: int) -> Node:
    if depth == 0 or rng.random() < 0.25:
        return rng.choice(leaves)
    if rng.random() < 0.25:
        return Not(_tree(rng, leaves, depth - 1))
    kind = rng.choice([All, Any])
    return kind(tuple(_tree(rng, leaves, depth - 1) for _ in range(rng.randint(1, 3))))


def test_every_operator_of_every_field_finds_the_same_persons_wherever_it_is_asked(furnished):
    with counting(ADMIN, now=NOW) as desk:
        columns, reach = _columns(desk), _reach(ADMIN)
        asked = {field.name: _conditions(field, columns) for field in desk.catalogue}
        if connection.vendor == "postgresql":  # what values mean is proved on SQLite; here every operator asks two of each field
            asked = {name: _two_of_each_operator(conditions) for name, conditions in asked.items()}
        for name, conditions in asked.items():
            for condition in conditions:
                found = _answers(desk, condition, columns, reach)
                assert len(set(map(tuple, found.values()))) == 1, (name, dump(condition), found)
        by_sql = {name for name, conditions in asked.items() if "sql" in _answers(desk, conditions[0], columns, reach)}
    assert by_sql == {entry.field.name for entry in segment_entries(ADMIN) if entry.field.sql_column} | {"stage"}
    assert all(asked.values())


def test_random_rules_over_all_fields_find_the_same_persons_wherever_they_are_asked(furnished):
    with counting(ADMIN, now=NOW) as desk:
        columns, reach = _columns(desk), _reach(ADMIN)
        by_field = [_conditions(field, columns) for field in desk.catalogue]
        counts = set()
        for _ in range(120):
            leaves = [furnished.choice(furnished.choice(by_field)) for _ in range(6)]
            node = _tree(furnished, leaves, 3)
            found = _answers(desk, node, columns, reach)
            assert len(set(map(tuple, found.values()))) == 1, (dump(node), found)
            counts.add(len(found["segments"]))
    assert len(counts) > 4  # the rules tell people apart


def test_who_sees_some_stores_finds_the_same_of_them_wherever_it_is_asked(furnished):
    manager = Viewer(8, "store_manager", frozenset({1, 2}))
    with counting(manager, now=NOW) as desk:
        columns, reach = _columns(desk), _reach(manager)
        for field in desk.catalogue:
            # once with each operator: what its values mean is asked above
            for condition in {one.operator: one for one in _conditions(field, columns)}.values():
                found = _answers(desk, condition, columns, reach, manager)
                assert len(set(map(tuple, found.values()))) == 1, (dump(condition), found)


def test_the_documentation_says_where_the_fields_of_every_heading_live(furnished):
    rows = re.findall(r"^\| ([^|]+) \| (both|operations database) \| .+\|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    told = dict(rows)
    for entry in segment_entries(ADMIN):
        if entry.field.is_derived:
            continue
        assert entry.field.orm_path, entry.field.name
        assert told[entry.group.en] == ("both" if entry.field.sql_column else "operations database"), entry.field.name
