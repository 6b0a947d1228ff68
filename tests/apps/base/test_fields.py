"""Fields told by the apps that own them: fixed ones, provided ones, and those whose values lie in rows of another table."""

from datetime import UTC, date, datetime

import pytest
from tests.apps.customers.people import person_make

from huitou.apps.base import fields
from huitou.apps.base.fields import Column, FieldEntry, Noun, catalogue_of, fields_of, provide, register
from huitou.apps.base.listing import Asked, SortColumn, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.customers.queries.listing import person_count, person_page
from huitou.core.filters.catalogue import Catalogue, Choice, Field, FieldType, Rows
from huitou.core.filters.plan import matches, plan
from huitou.core.filters.tree import Condition, Not, Operator
from huitou.core.labels import Label

VIEWER = Viewer(1, "analyst", None)
DAY = date(2026, 11, 21)
DID = Field(
    "did",
    Label("做过", "Did"),
    FieldType.ENUM,
    orm_path="type_code",
    choices=tuple(Choice(code, Label(code, code)) for code in ("view", "pay", "review")),
    rows=Rows("behaviour.BehaviourEvent", "person_id", (("source_code", "miniapp"),)),
)
OTHER, TAGS = Label("其他", "Other"), Label("标签", "Tags")


def entry(name, group=OTHER):
    return FieldEntry(Field(name, Label(name, name), FieldType.INTEGER, orm_path="source_count"), group, Column.OFFERED)


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """The registry as the apps left it, again after the test."""
    for name in ("_entries", "_providers"):
        kept = getattr(fields, name)
        monkeypatch.setattr(fields, name, type(kept)(list, {noun: list(known) for noun, known in kept.items()}))


def test_fields_come_from_every_app_and_groups_stay_together():
    register(Noun.CUSTOMER, [entry("a"), entry("t", TAGS)])
    register(Noun.CUSTOMER, [entry("b"), entry("a")])
    found = fields_of(Noun.CUSTOMER)
    assert {"net_365d", "days_since_view", "a", "b", "t"} <= {one.field.name for one in found}
    assert [one.field.name for one in found][-3:] == ["a", "b", "t"]
    assert "a" not in catalogue_of(Noun.ORDER)


def test_one_name_with_two_meanings_is_refused():
    register(Noun.CUSTOMER, [entry("a")])
    with pytest.raises(ValueError, match="a field a already"):
        register(Noun.CUSTOMER, [entry("a", TAGS)])


@pytest.mark.django_db
def test_a_provider_is_asked_with_the_viewer_and_only_then():
    provide(Noun.ORDER, lambda viewer: [entry("secret")] if viewer.role_code == "analyst" else [])
    assert "secret" in catalogue_of(Noun.ORDER, VIEWER)
    assert "secret" not in catalogue_of(Noun.ORDER, Viewer(2, "guide", None))
    assert "secret" not in catalogue_of(Noun.ORDER)


def test_a_field_with_rows_has_one_place():
    with pytest.raises(ValueError, match="rows have a column"):
        Field("x", OTHER, FieldType.INTEGER, sql_column="x", rows=DID.rows)


@pytest.mark.django_db
@pytest.mark.db_both
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("did", Operator.EQ, "view"), {1, 2}),
        (Condition("did", Operator.NE, "view"), {3}),
        (Condition("did", Operator.IN, ("pay", "review")), {2, 3}),
        (Condition("did", Operator.NOT_IN, ("pay", "view")), set()),
        (Condition("did", Operator.PRESENT), {1, 2, 3}),
        (Condition("did", Operator.MISSING), {4}),
        (Not(Condition("did", Operator.EQ, "view")), {3, 4}),
    ],
)
def test_rows_are_asked_alike_by_the_database_and_in_memory(condition, expected):
    held = {1: ("view", "view"), 2: ("view", "pay"), 3: ("pay",), 4: ()}
    catalogue = Catalogue(OTHER, (DID,))
    number = 0
    for person_id, types in held.items():
        person_make(person_id)
        for type_code, source in [(one, "miniapp") for one in types] + [("review", "elsewhere")]:
            number += 1
            BehaviourEvent.objects.create(
                id=number, source_code=source, event_no=str(number), type_code=type_code, person_id=person_id,
                occurred_at=datetime(2026, 11, 20, tzinfo=UTC),
            )  # fmt: skip
    shown = (FieldEntry(DID, OTHER),)
    asked = Asked(catalogue, sort_read("id", {"id": SortColumn("id", OTHER)}), DAY, condition, shown=shown)
    page = person_page(VIEWER, asked)
    assert {row.row_id for row in page.rows} == expected
    assert {row.row_id: row.values["did"] for row in page.rows} == {
        one: tuple(sorted(set(held[one]))) or None for one in expected
    }
    assert person_count(VIEWER, asked).value == len(expected)
    step = plan(condition, catalogue, as_of=DAY)
    assert {person_id for person_id, types in held.items() if matches(step, {"did": types})} == expected
