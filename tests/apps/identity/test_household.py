"""Household: who shares a phone or a card, without being merged, and only in the viewer's reach."""

import pytest

from huitou.apps.base.scope import Viewer
from huitou.apps.identity import services
from huitou.apps.identity.queries import household_of
from huitou.core.identity.household import HouseholdTie, household_ties

STEWARD = Viewer(user_id=7, role_code="agent", store_ids=None)
STRANGER = Viewer(user_id=8, role_code="agent", store_ids=frozenset())


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        ([], []),
        ([(1, "phone", 5)], []),
        ([(1, "phone", 5), (2, "phone", 5), (2, "phone", 5)], [HouseholdTie(2, ("phone",))]),
        ([(1, "phone", 5), (2, "card", 5)], []),  # equal hashes of two kinds are two values
        ([(1, "email", 5), (2, "email", 5)], []),
        ([(2, "phone", 5), (3, "phone", 5)], []),
        (
            [(1, "card", 6), (3, "card", 6), (1, "phone", 5), (2, "phone", 5), (3, "phone", 5)],
            [HouseholdTie(3, ("phone", "card")), HouseholdTie(2, ("phone",))],
        ),
        ([(person, "phone", 5) for person in (1, 2, 3, 4)], []),  # more than `most` persons
    ],
)
def test_ties_of_shared_values(holders, expected):
    assert household_ties(1, holders, most=3) == expected


@pytest.mark.django_db
@pytest.mark.db_both
def test_a_household_is_shown_in_reach_and_follows_merges_and_undos(chain):
    chain.apply("mall", [{"record_id": 1, "phone": "13912345678", "name": "周小芳", "gender": "女"}])
    chain.apply("pos", [{"record_id": 2, "phone": "13912345678", "name": "李雷", "gender": "男"}])
    chain.apply("pos", [{"record_id": 3, "phone": "13888776655", "name": "赵敏"}])
    persons = chain.persons()
    assert household_of(viewer=STEWARD, person_id=persons[1]) == [HouseholdTie(persons[2], ("phone",))]
    assert household_of(viewer=STEWARD, person_id=persons[3]) == []
    assert household_of(viewer=STRANGER, person_id=persons[1]) == []
    event = services.person_merge(person_id=persons[1], other_id=persons[2], by=7, reason="", now=chain.now)
    assert household_of(viewer=STEWARD, person_id=chain.persons()[1]) == []
    services.identity_undo(event_id=event.pk, by=7, reason="", now=chain.now)
    assert household_of(viewer=STEWARD, person_id=persons[2]) == [HouseholdTie(persons[1], ("phone",))]
