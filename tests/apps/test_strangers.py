"""A guide of another store finds nothing of a person, whichever way they ask; the person's own guide finds everything."""

from datetime import UTC, date, datetime

import pytest
from tests.apps.customers.people import person_make

from huitou.apps.base.listing import Asked, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.fields import customer_catalogue
from huitou.apps.customers.models import SearchKey
from huitou.apps.customers.queries import person_file, persons_found, persons_in_reach
from huitou.apps.customers.queries.listing import person_count, person_page, person_sorts
from huitou.apps.identity.models import Membership, SourceRecord
from huitou.apps.identity.queries import source_records
from huitou.apps.service.models import Ticket
from huitou.apps.service.queries import ticket_detail, tickets_in_reach, tickets_of
from huitou.core.filters.tree import Condition, Operator

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
AS_OF = date(2026, 11, 21)
OWN, OTHER = 5, 6
PERSON, RECORD, TICKET = 42, 420, 4_200
CATALOGUE = customer_catalogue()
PHONE = "15412340001"


@pytest.fixture(autouse=True)
def person():
    """One person of the store OWN with a file, a search key, a source record and a ticket."""
    person_make(PERSON, store_id=OWN, profile={"name": "王小芳", "phone": PHONE}, last_date=AS_OF, first_date=AS_OF)
    SearchKey.objects.create(key_hash=keyring().hash("phone", PHONE), person_id=PERSON)
    SourceRecord.objects.create(id=RECORD, source_code="mall", batch_id=1, received_at=NOW)
    Membership.objects.create(record_id=RECORD, person_id=PERSON, valid_from=NOW, event_id=1)
    Ticket.objects.create(
        id=TICKET, source_code="aftersales", ticket_no="T1", record_id=RECORD, person_id=PERSON, store_id=OTHER,
        type_code="complaint", status_code="open", status_at=NOW, opened_at=NOW, version_at=NOW,
    )  # fmt: skip


def answers(viewer):
    """What every read of the apps says about the person to one viewer, by the name of the read."""
    sorts = {code: sort_read(code, person_sorts()) for code in person_sorts()}
    found = {f"list by {code}": len(person_page(viewer, Asked(CATALOGUE, sort, AS_OF)).rows) for code, sort in sorts.items()}
    store = Condition("home_store", Operator.EQ, OWN)  # naming the store opens nothing
    whole, asked = Asked(CATALOGUE, sorts["id"], AS_OF), Asked(CATALOGUE, sorts["id"], AS_OF, store)
    return found | {
        "list with a filter": len(person_page(viewer, asked).rows),
        "count": person_count(viewer, whole).value,
        "count with a filter": person_count(viewer, asked).value,
        "persons in reach": persons_in_reach(viewer).count(),
        "search": len(persons_found(viewer, PHONE)),
        "page": int(person_file(viewer, PERSON) is not None),
        "source records": len(source_records(viewer, PERSON)),
        "tickets of the person": len(tickets_of(viewer, PERSON)),
        "tickets": tickets_in_reach(viewer).count(),
        "one ticket": int(ticket_detail(viewer, TICKET) is not None),
    }


@pytest.mark.parametrize("stores", [{OTHER}, set()], ids=["another store", "no store"])
def test_a_stranger_finds_nothing_by_any_read(stores):
    found = answers(Viewer(2, "guide", frozenset(stores)))
    assert {name for name, count in found.items() if count} == set()


@pytest.mark.parametrize("stores", [frozenset({OWN}), None], ids=["own store", "whole chain"])
def test_those_in_reach_find_the_person_by_every_read(stores):
    assert set(answers(Viewer(1, "guide", stores)).values()) == {1}
